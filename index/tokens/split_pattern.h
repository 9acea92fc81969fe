// SplitPattern: cuts a text into the pieces that byte-pair merging never crosses.
//
// A `.tiktoken` file does not name the pattern it was trained with, so it is chosen by the number
// of tokens, which differs between the published vocabularies. Immutable after construction: any
// thread may start a PieceReader; a PieceReader belongs to one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace callslip {

class SplitPattern {
 public:
  /// The pattern of the known vocabulary with this many tokens (specials not counted):
  /// 199998 o200k_base, 151643 Qwen to Qwen3, 100256 cl100k_base, 50280 p50k_base,
  /// 50256 r50k_base. Any other number gets cl100k_base's.
  static SplitPattern for_vocabulary_of(std::size_t tokens);

  SplitPattern(SplitPattern&&) noexcept;
  SplitPattern& operator=(SplitPattern&&) noexcept;
  ~SplitPattern();

  /// Whether the vocabulary is applied to text in Unicode normalization form C.
  bool wants_nfc() const { return wants_nfc_; }

 private:
  friend class PieceReader;
  struct Compiled;

  SplitPattern(const char* pattern, bool wants_nfc);

  std::unique_ptr<const Compiled> compiled_;
  bool wants_nfc_;
};

/// Walks the pieces of one text; together they are the whole text.
class PieceReader {
 public:
  /// `text` must be valid UTF-8 and must outlive the reader, as must `pattern`.
  PieceReader(const SplitPattern& pattern, std::string_view text);
  PieceReader(const PieceReader&) = delete;
  PieceReader& operator=(const PieceReader&) = delete;
  ~PieceReader();

  /// The next piece; empty at the end.
  std::string_view next();

 private:
  struct Match;

  const SplitPattern::Compiled& compiled_;
  std::string_view text_;
  std::size_t position_ = 0;
  std::unique_ptr<Match> match_;
};

}  // namespace callslip
