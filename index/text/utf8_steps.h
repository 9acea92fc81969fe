// Steps over UTF-8 text: code points, white space, safe places to cut.
//
// Pure functions over bytes; nothing here fails: a byte that is not UTF-8 counts as one code point,
// U+FFFD, of length 1. "White space" means ASCII's, U+0085, U+00A0, U+1680, U+2000-200B, U+2028,
// U+2029, U+202F, U+205F, U+3000 and U+FEFF (a byte order mark is nothing to read).
#pragma once

#include <cstddef>
#include <string_view>

#include "index/text/byte_span.h"

namespace callslip::utf8 {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // bytes; 0 past the end
};

inline bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80;
}

/// The code point that begins at `pos`.
inline CodePoint at(std::string_view text, std::size_t pos) {
  if (pos >= text.size()) return {};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[pos + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || pos + length > text.size()) return {0xFFFD, 1};
  char32_t value = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {0xFFFD, 1};
    value = (value << 6U) | (byte(i) & 0x3FU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return {0xFFFD, 1};
  return {value, length};
}

/// The code point that ends at `end` and does not begin before `begin`.
inline CodePoint before(std::string_view text, std::size_t begin, std::size_t end) {
  if (end <= begin) return {};
  for (std::size_t length = 2; length <= 4 && length <= end - begin; ++length) {
    if (!is_continuation(text[end - length + 1])) break;
    const CodePoint found = at(text, end - length);
    if (found.length == length) return found;
  }
  const auto last = static_cast<unsigned char>(text[end - 1]);
  return {last < 0x80 ? last : char32_t{0xFFFD}, 1};
}

/// The largest place <= `pos` that is not inside a code point.
inline std::size_t floor(std::string_view text, std::size_t pos) {
  if (pos >= text.size()) return text.size();
  for (std::size_t back = 1; back <= 3 && back <= pos; ++back) {
    if (!is_continuation(text[pos - back + 1])) break;
    if (at(text, pos - back).length > back) return pos - back;
  }
  return pos;
}

inline bool is_space(char32_t c) {
  if (c <= 0x20) return c == 0x20 || (c >= 0x09 && c <= 0x0D);
  if (c < 0x85) return false;
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200B) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

/// Bytes of the white-space character at `pos`; 0 when there is none.
inline std::size_t space_at(std::string_view text, std::size_t pos) {
  if (pos >= text.size()) return 0;
  const auto lead = static_cast<unsigned char>(text[pos]);
  if (lead < 0x80) return is_space(lead) ? 1 : 0;
  const CodePoint c = at(text, pos);
  return is_space(c.value) ? c.length : 0;
}

/// The first place from `pos` that is not white space, at most `end`.
inline std::size_t skip_space(std::string_view text, std::size_t pos, std::size_t end) {
  while (pos < end) {
    const std::size_t length = space_at(text, pos);
    if (length == 0) break;
    pos += length;
  }
  return pos < end ? pos : end;
}

/// The span without white space at its ends; empty (start == end) when there is nothing else.
inline ByteSpan trimmed(std::string_view text, ByteSpan span) {
  span.start = skip_space(text, span.start, span.end);
  while (span.end > span.start) {
    const CodePoint last = before(text, span.start, span.end);
    if (!is_space(last.value)) break;
    span.end -= last.length;
  }
  return span;
}

inline std::string_view trim(std::string_view text) {
  const ByteSpan span = trimmed(text, {0, text.size()});
  return text.substr(span.start, span.end - span.start);
}

}  // namespace callslip::utf8
