// What the parsers of text formats share: decoding, lines, names and headings.
//
// Any thread may call the functions; a LineScanner belongs to one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "index/parsed_document.h"
#include "index/result.h"

namespace callslip {

/// A document of the decoded bytes, without title and headings. Errors: those of decode_text.
Result<ParsedDocument> make_text_document(std::string bytes, std::string_view type, TextKind kind,
                                          std::string_view declared_encoding = {});

/// A title or heading as it is stored: trimmed, whitespace collapsed, at most 200 bytes.
std::string clean_heading(std::string_view text);

/// ASCII letters in lower case; the rest as it is.
std::string ascii_lower(std::string_view text);

/// What follows the last dot of a base name, in lower case; empty for "Makefile" and ".bashrc".
std::string file_extension(std::string_view name);

/// A line of a text; offsets are in bytes. It ends at LF or CRLF, which is not part of it.
struct TextLine {
  std::size_t start = 0;
  std::size_t end = 0;
  std::string_view text;

  bool blank() const { return text.find_first_not_of(" \t") == text.npos; }
};

/// Yields the lines of a text in turn. The text must outlive it.
class LineScanner {
 public:
  /// A BOM at the beginning belongs to the first line's extent, but not to its `text`.
  explicit LineScanner(std::string_view text) : text_(text) {}

  bool next(TextLine& line);

 private:
  std::string_view text_;
  std::size_t pos_ = 0;
};

/// How many times `c` stands at the beginning of the text.
std::size_t leading(std::string_view text, char c);

/// The text without spaces, tabs and line ends around it.
std::string_view trimmed(std::string_view text);

/// Characters (code points) of valid UTF-8.
std::size_t count_characters(std::string_view utf8);

}  // namespace callslip
