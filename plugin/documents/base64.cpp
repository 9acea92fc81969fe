#include "plugin/documents/base64.h"

#include <cstdint>

namespace callslip {
namespace {

/// The value of a digit, or -1.
int digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

bool is_space(char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; }

}  // namespace

Result<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_space(text[at])) continue;
    if (text[at] == '=' && padding < 2) {
      ++padding;
      continue;
    }
    const int digit = digit_of(text[at]);
    if (digit < 0 || padding > 0) {
      return Error{ErrorKind::invalid_argument,
                   "is not base64 from character " + std::to_string(at + 1) + " on"};
    }
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    ++digits;
    if (digits % 4 == 0) {
      bytes.push_back(static_cast<char>(bits >> 16));
      bytes.push_back(static_cast<char>(bits >> 8));
      bytes.push_back(static_cast<char>(bits));
    }
  }
  const std::size_t rest = digits % 4;
  if (rest == 1 || (padding > 0 && (digits + padding) % 4 != 0)) {
    return Error{ErrorKind::invalid_argument, "is base64 that was cut off"};
  }
  if (rest == 2) bytes.push_back(static_cast<char>(bits >> 4));
  if (rest == 3) {
    bytes.push_back(static_cast<char>(bits >> 10));
    bytes.push_back(static_cast<char>(bits >> 2));
  }
  return bytes;
}

}  // namespace callslip
