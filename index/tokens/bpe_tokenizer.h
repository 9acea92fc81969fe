// BpeTokenizer: counts and encodes by byte-level BPE over a `.tiktoken` vocabulary.
//
// Immutable after construction: any thread may call it. Ids are the file's ranks. Text is taken as
// plain text: nothing in it is a special token. Bytes that are not UTF-8 are read as U+FFFD, one
// for each maximal part, because that is what a model is sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/result.h"
#include "index/tokens/bpe_vocabulary.h"
#include "index/tokens/split_pattern.h"
#include "index/tokens/token_counter.h"

namespace callslip {

class BpeTokenizer final : public TokenCounter {
 public:
  static Result<std::unique_ptr<BpeTokenizer>> load(const std::string& path);

  std::size_t count(std::string_view utf8) const override;

  /// "tiktoken:" and the vocabulary's fingerprint.
  bool exact() const override { return true; }
  const std::string& id() const override { return id_; }

  std::vector<std::uint32_t> encode(std::string_view utf8) const;

 private:
  explicit BpeTokenizer(BpeVocabulary vocabulary);

  template <class Sink>
  void tokenize(std::string_view utf8, Sink& sink) const;

  BpeVocabulary vocabulary_;
  SplitPattern pattern_;
  std::string id_;
};

}  // namespace callslip
