// QuoteLocator: finds what a model quoted from a passage, so that evidence is the document's own
// bytes and never the model's.
//
// A quote is looked for as it is, then in folded form (folded_text.h), and prose by its letters
// alone (words hyphenated at a line's end, spaces lost). Borrows the passage and its sentences.
// Belongs to one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tools/folded_text.h"
#include "tools/reader.h"

namespace callslip {

struct QuoteMatch {
  std::vector<ByteSpan> sentences;  // whole ones, ascending, disjoint; empty: it is not there
  std::size_t rejected = 0;         // parts of the quote that the passage does not hold
  bool found() const { return !sentences.empty(); }
};

class QuoteLocator {
 public:
  /// `sentences`: split_sentences of the passage.
  QuoteLocator(std::string_view passage, std::span<const ByteSpan> sentences);

  /// The whole sentences that the quote covers or touches. A quote with an omission ("...",
  /// "[...]"), or of sentences that do not follow each other, is looked for part by part. Not
  /// found: fewer than 3 words or 8 bytes of letters, unless they are a whole sentence; and
  /// sentences of fewer than 3 tokens. They count as rejected only if the passage does not hold
  /// them.
  QuoteMatch locate(std::string_view quote) const;

 private:
  struct Place {
    ByteSpan match;
    std::vector<ByteSpan> sentences;
  };

  Place locate_part(std::string_view part, std::size_t from) const;
  template <class Origin>
  Place find(std::string_view text, std::string_view part, std::size_t from, bool whole,
             const Origin& origin) const;
  std::vector<ByteSpan> covered(ByteSpan match) const;
  bool is_whole(ByteSpan match, std::span<const ByteSpan> sentences) const;
  bool holds(std::string_view words) const;
  const FoldedText& folded() const;
  const FoldedText& squeezed() const;
  bool has_word_edges(ByteSpan match) const;

  std::string_view passage_;
  std::span<const ByteSpan> sentences_;
  // Made when first needed: most quotes are there as they are.
  mutable std::optional<FoldedText> folded_;
  mutable std::optional<FoldedText> squeezed_;
};

/// What locate looks for by itself: the sentences between omissions. Where none of them is in a
/// passage by its letters (squeeze_text), locate finds nothing of the quote there.
std::vector<std::string_view> quote_parts(std::string_view quote);

}  // namespace callslip
