// TextLine: a line of prose and what its first characters say of it, for the sentence splitter.
//
// Pure functions; spans are bytes of the text given.
#pragma once

#include <cstddef>
#include <string_view>

namespace callslip {

struct TextLine {
  enum class Kind { blank, plain, item, quote, heading, row, rule, fence };
  std::size_t start = 0;  // its first character that is not white space
  std::size_t end = 0;    // past its last one
  std::size_t next = 0;   // where the following line begins
  Kind kind = Kind::blank;
};

/// The line that begins at `pos`, which is inside the text.
TextLine line_at(std::string_view text, std::size_t pos);

/// Whether a sentence cannot run on from `line` into `following`; neither is blank.
bool parts_sentences(std::string_view text, const TextLine& line, const TextLine& following);

}  // namespace callslip
