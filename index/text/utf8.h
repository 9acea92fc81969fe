// UTF-8: validation, repair and positions in text.
//
// Pure functions: any thread may call them. Positions are in bytes. Nothing here fails.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace callslip {

/// U+FFFD, which stands for what could not be decoded.
inline constexpr std::string_view utf8_replacement = "\xEF\xBF\xBD";

/// Whether all of `text` is UTF-8 (no surrogates, no overlong forms, nothing above U+10FFFF).
bool is_valid_utf8(std::string_view text);

/// The length of the longest valid UTF-8 prefix, which ends at a boundary.
std::size_t valid_utf8_prefix(std::string_view text);

struct ValidUtf8 {
  std::string text;
  bool lossy = false;  // something was replaced
};

/// The text with each maximal undecodable subpart replaced by one U+FFFD. Valid text is moved
/// through without a copy.
ValidUtf8 make_valid_utf8(std::string text);

/// How much of a text is UTF-8 beyond ASCII, and how much of it is not UTF-8 at all.
struct Utf8Census {
  std::size_t multibyte = 0;    // valid sequences of two bytes and more
  std::size_t undecodable = 0;  // maximal undecodable subparts
};
Utf8Census take_utf8_census(std::string_view text);

struct CodePoint {
  char32_t value = 0xFFFD;
  std::size_t length = 0;  // in bytes: 0 at the end of the text, else at least 1
  bool valid = false;      // false: `value` is U+FFFD, `length` that of the undecodable subpart
};

/// The code point that begins at `pos`, which may be anywhere in the text or at its end.
CodePoint decode_utf8(std::string_view text, std::size_t pos);

/// Appends a code point; U+FFFD for what is not one.
void append_utf8(std::string& text, char32_t code_point);

/// Whether `pos` is the start of a character or the end of the text.
inline bool is_utf8_boundary(std::string_view text, std::size_t pos) {
  return pos == text.size() ||
         (pos < text.size() && (static_cast<unsigned char>(text[pos]) & 0xC0U) != 0x80U);
}

/// The last boundary at or before `pos`, at most the end of the text.
inline std::size_t utf8_floor(std::string_view text, std::size_t pos) {
  if (pos >= text.size()) return text.size();
  while (pos > 0 && !is_utf8_boundary(text, pos)) --pos;
  return pos;
}

}  // namespace callslip
