// ExtractiveReader: Level 2 without a model.
//
// Judges each sentence by the share of the question's weight that it holds: rare words weigh
// more (BM25's inverse document frequency), stems and n-grams count as in the index, and what
// stands beside the sentence (its neighbours, the headings) counts for a part. A passage none of
// whose sentences stands out says None. Any number of threads may call.
#pragma once

#include "index/index.h"
#include "tools/reader.h"

namespace callslip {

class ExtractiveReader final : public Reader {
 public:
  /// `index` outlives this: it knows how rare a word is.
  explicit ExtractiveReader(Index& index) : index_(index) {}

  std::string name() const override { return "extractive"; }
  std::string identity() const override { return ""; }
  /// Makes no calls: max_calls does not bound it.
  ReaderUsage read(const std::string& question, PassageSource& source, std::uint64_t max_calls,
                   const CallContext& context, const OnVerdict& on_verdict) override;
  ReaderPlan plan(const std::string& question, PassageSource& source) const override;
  Result<std::string> answer(const PreparedQuestion& question, std::span<const Passage> evidence,
                             const CallContext& context, ReaderUsage& usage) override;
  Result<PreparedQuestion> prepare(const std::string& question,
                                   std::span<const std::string> languages,
                                   const CallContext& context, ReaderUsage& usage) override;

 private:
  Index& index_;
};

}  // namespace callslip
