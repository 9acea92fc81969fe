#include "plugin/http/byte_range.h"

#include <algorithm>
#include <charconv>

namespace callslip {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = !text.empty() && error == std::errc() && end == text.data() + text.size();
  return good ? std::optional(value) : std::nullopt;
}

}  // namespace

std::variant<std::monostate, ByteRange, bool> parse_range(std::string_view header,
                                                          std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  if (!header.starts_with(unit)) return {};
  header.remove_prefix(unit.size());
  const std::size_t dash = header.find('-');
  if (dash == header.npos || header.find(',') != header.npos) return {};
  const auto first = number(header.substr(0, dash));
  const auto last = number(header.substr(dash + 1));
  if (dash == 0) {
    if (!last) return {};
    if (*last == 0 || size == 0) return false;
    return ByteRange{size - std::min(size, *last), size};
  }
  if (!first || (!last && dash + 1 < header.size()) || (last && *last < *first)) return {};
  if (*first >= size) return false;
  return ByteRange{*first, last && *last < size ? *last + 1 : size};
}

}  // namespace callslip
