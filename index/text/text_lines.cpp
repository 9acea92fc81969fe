#include "index/text/text_lines.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <cctype>
#include <cstring>

#include "index/text/utf8_steps.h"

namespace callslip {
namespace {

using Kind = TextLine::Kind;

// No wrap is as wide as this: a longer line is a whole paragraph.
constexpr std::size_t widest_wrap = 240;
// Below this a following line is too short to tell a heading from a verse.
constexpr std::size_t narrowest_wrap = 40;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

bool blank_at(std::string_view line, std::size_t pos) {
  return pos < line.size() && (line[pos] == ' ' || line[pos] == '\t');
}

/// "---", "* * *", "=====": one mark, three times or more, and white space.
bool is_rule(std::string_view line) {
  std::size_t marks = 0;
  for (const char c : line) {
    if (c == line.front()) {
      ++marks;
    } else if (c != ' ' && c != '\t') {
      return false;
    }
  }
  return marks >= 3;
}

/// "1. x", "12) x", "(a) x", "b) x".
bool is_numbered(std::string_view line) {
  std::size_t pos = line.front() == '(' ? 1 : 0;
  const std::size_t first = pos;
  while (pos < line.size() && pos - first < 4 && is_digit(line[pos])) ++pos;
  const bool number = pos > first && pos - first < 4;
  if (pos == first && pos < line.size() && is_alpha(line[pos])) ++pos;
  if (pos == first || pos >= line.size() || !blank_at(line, pos + 1)) return false;
  return line[pos] == ')' || (line[pos] == '.' && number && first == 0);
}

/// A bullet that is not ASCII, or a dash, with white space after it.
bool is_bulleted(std::string_view line) {
  const utf8::CodePoint c = utf8::at(line, 0);
  switch (c.value) {
    case 0x2022:  // bullet
    case 0x2023:
    case 0x25CF:
    case 0x25E6:
    case 0x25AA:
    case 0x25A0:
    case 0x00B7:
    case 0xF0B7:  // what PDF files make of Symbol's bullet
      return true;
    case 0x2013:  // dashes: a list, or a turn in a dialogue
    case 0x2014:
      return utf8::space_at(line, c.length) > 0;
    default:
      return false;
  }
}

/// Cells parted by tabs or by " | ", three of them or more.
bool is_row(std::string_view line) {
  const char* const end = line.data() + line.size();
  for (const char mark : {'\t', '|'}) {
    int parts = 1;
    const char* at = line.data();
    while (parts < 3 && (at = static_cast<const char*>(std::memchr(
                             at, mark, static_cast<std::size_t>(end - at)))) != nullptr) {
      const bool cell = mark == '\t' || (at > line.data() && at[-1] == ' ');
      if (cell) ++parts;
      ++at;
    }
    if (parts >= 3) return true;
  }
  return false;
}

Kind kind_of(std::string_view line) {
  const char first = line.front();
  switch (first) {
    case '#': {
      const std::size_t marks = std::min(line.find_first_not_of('#'), line.size());
      if (marks <= 6 && (marks == line.size() || blank_at(line, marks))) return Kind::heading;
      break;
    }
    case '-':
    case '*':
    case '+':
      if (is_rule(line)) return Kind::rule;
      if (blank_at(line, 1)) return Kind::item;
      break;
    case '=':
    case '_':
      if (is_rule(line)) return Kind::rule;
      break;
    case '`':
    case '~':
      if (line.size() >= 3 && line[1] == first && line[2] == first) return Kind::fence;
      break;
    case '|':
      return Kind::row;
    case '>':
      return Kind::quote;
    case '.':  // a directive of reStructuredText
      if (line.size() > 2 && line[1] == '.' && line[2] == ' ') return Kind::item;
      break;
    case ':':  // a field of it, ":param x: ..."
    case '@':  // "@param x ..."
      if (line.size() > 1 && is_alpha(line[1])) return Kind::item;
      break;
    default:
      if (is_digit(first) || first == '(' || (line.size() > 1 && line[1] == ')')) {
        if (is_numbered(line)) return Kind::item;
      } else if (static_cast<unsigned char>(first) >= 0x80 && is_bulleted(line)) {
        return Kind::item;
      }
  }
  return is_row(line) ? Kind::row : Kind::plain;
}

bool begins_lower(std::string_view text, std::size_t pos) {
  const char32_t c = utf8::at(text, pos).value;
  return c < 0x80 ? (c >= 'a' && c <= 'z') : u_islower(static_cast<UChar32>(c)) != 0;
}

}  // namespace

TextLine line_at(std::string_view text, std::size_t pos) {
  TextLine line;
  const std::size_t newline = text.find('\n', pos);
  const std::size_t end = newline == std::string_view::npos ? text.size() : newline;
  line.next = newline == std::string_view::npos ? text.size() : newline + 1;
  const ByteSpan span = utf8::trimmed(text, {pos, end});
  line.start = span.start;
  line.end = span.end;
  if (span.start < span.end) line.kind = kind_of(text.substr(span.start, span.end - span.start));
  return line;
}

bool parts_sentences(std::string_view text, const TextLine& line, const TextLine& following) {
  const bool runs_on =
      following.kind == Kind::plain || (following.kind == Kind::quote && line.kind == Kind::quote);
  if (!runs_on) return true;
  if (line.kind != Kind::plain && line.kind != Kind::item && line.kind != following.kind)
    return true;
  // What a form feed parts are pages.
  if (text.substr(line.end, following.start - line.end).find('\f') != std::string_view::npos) {
    return true;
  }
  const char last = text[line.end - 1];
  if (last == '{' || last == '}') return true;  // code that nobody marked as such
  if (begins_lower(text, following.start)) return false;
  const std::size_t length = line.end - line.start;
  if (length > widest_wrap) return true;
  // A line that had room for the next word by far was ended on purpose: a heading without markup.
  const std::size_t width = following.end - following.start;
  if (width < narrowest_wrap || length * 2 > width || last == ',') return false;
  const std::size_t word = std::min(text.substr(following.start, width).find(' '), width);
  return (length + 1 + word) * 2 <= width;
}

}  // namespace callslip
