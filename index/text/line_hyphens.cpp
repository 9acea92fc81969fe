#include "index/text/line_hyphens.h"

#include <unicode/uchar.h>

#include <cstddef>

#include "index/text/utf8.h"

namespace callslip {
namespace {

bool is_hyphen(char32_t c) { return c == U'-' || c == 0x2010; }

/// Where the letters that end at `end` begin.
std::size_t word_start(std::string_view text, std::size_t end) {
  std::size_t start = end;
  while (start > 0) {
    const std::size_t before = utf8_floor(text, start - 1);
    const CodePoint c = decode_utf8(text, before);
    if (!c.valid || u_isalpha(static_cast<UChar32>(c.value)) == 0) break;
    start = before;
  }
  return start;
}

std::size_t word_end(std::string_view text, std::size_t start) {
  std::size_t end = start;
  while (end < text.size()) {
    const CodePoint c = decode_utf8(text, end);
    if (!c.valid || u_isalpha(static_cast<UChar32>(c.value)) == 0) break;
    end += c.length;
  }
  return end;
}

}  // namespace

std::string words_across_lines(std::string_view text) {
  std::string words;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    std::size_t end = at;
    if (end > 0 && text[end - 1] == '\r') --end;
    if (end == 0) continue;
    const std::size_t hyphen = utf8_floor(text, end - 1);
    if (!is_hyphen(decode_utf8(text, hyphen).value)) continue;
    const std::size_t start = word_start(text, hyphen);
    const std::size_t next = text.find_first_not_of(' ', at + 1);
    if (start == hyphen || next == std::string_view::npos) continue;
    if (u_islower(static_cast<UChar32>(decode_utf8(text, next).value)) == 0) continue;
    if (!words.empty()) words += ' ';
    words += text.substr(start, hyphen - start);
    words += text.substr(next, word_end(text, next) - next);
  }
  return words;
}

}  // namespace callslip
