#include "tools/percent_encoding.h"

namespace callslip {
namespace {

bool unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string encode(std::string_view text, std::string_view kept) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (unreserved(c) || kept.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    }
  }
  return out;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Whether all escapes were escapes.
bool decode(std::string_view text, std::string& out) {
  bool good = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])));
      i += 2;
    } else {
      good = good && text[i] != '%';
      out.push_back(text[i]);
    }
  }
  return good;
}

}  // namespace

std::string percent_encode_path(std::string_view text) { return encode(text, "/!$&'()*+,;=:@"); }

std::string percent_encode(std::string_view text) { return encode(text, ""); }

std::string percent_decode(std::string_view text) {
  std::string out;
  decode(text, out);
  return out;
}

std::optional<std::string> percent_decode_strictly(std::string_view text) {
  std::string out;
  return decode(text, out) ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace callslip
