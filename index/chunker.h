// Chunker: cuts a document into chunks of at most N tokens that tile its text.
//
// The text is seen as a row of small pieces, each with the strength of the border before it: a
// heading, a blank line, a top-level block of code, a sentence, a line, a word. A chunk takes as
// many pieces as fit, then gives back those behind the strongest border in its second half.
// A heading ends a chunk that is not tiny. A UTF-8 character is never split.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "index/parsed_document.h"
#include "index/tokens/token_counter.h"

namespace callslip {

struct Chunk {
  std::size_t byte_start = 0;
  std::size_t byte_end = 0;
  std::size_t line_start = 1;  // 1-based
  std::size_t line_end = 1;    // the line of the last byte
  std::size_t tokens = 0;
  /// Index of the heading that the chunk begins under, or -1.
  std::ptrdiff_t heading = -1;
};

class Chunker {
 public:
  /// `counter` outlives the chunker. Stateless otherwise: any thread may call.
  Chunker(const TokenCounter& counter, std::size_t max_tokens)
      : counter_(counter), max_tokens_(max_tokens) {}

  /// Chunks in order; they tile the text. An empty text has none.
  std::vector<Chunk> cut(const ParsedDocument& document) const;

 private:
  const TokenCounter& counter_;
  const std::size_t max_tokens_;
};

}  // namespace callslip
