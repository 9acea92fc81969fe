// CachingReader: a Reader in front of another, which is asked only what was not judged before.
//
// Owns the inner reader; the cache outlives it. Any number of threads may read. Verdicts found in
// the cache cost none of the calls allowed: they are given to the last passage of the source even
// where the bound on calls ends the inner reader's work. Passages of equal text are judged once.
// Each verdict of the inner reader is stored before it is passed on, so that whatever is killed
// then, no call that was answered is made again.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tools/reader.h"
#include "tools/verdict_cache.h"

namespace callslip {

class CachingReader : public Reader {
 public:
  /// Told, for the log, why verdicts are not remembered.
  using OnTrouble = std::function<void(const Error&)>;

  CachingReader(std::unique_ptr<Reader> inner, VerdictCache& cache, OnTrouble on_trouble = {});

  std::string name() const override { return inner_->name(); }
  std::string identity() const override { return inner_->identity(); }

  ReaderUsage read(const std::string& question, PassageSource& source, std::uint64_t max_calls,
                   const CallContext& context, const OnVerdict& on_verdict) override;

  ReaderPlan plan(const std::string& question, PassageSource& source) const override;

  Result<std::string> answer(const PreparedQuestion& question, std::span<const Passage> evidence,
                             const CallContext& context, ReaderUsage& usage) override {
    return inner_->answer(question, evidence, context, usage);
  }
  Result<PreparedQuestion> prepare(const std::string& question,
                                   std::span<const std::string> languages,
                                   const CallContext& context, ReaderUsage& usage) override {
    return inner_->prepare(question, languages, context, usage);
  }

 private:
  const std::unique_ptr<Reader> inner_;
  VerdictCache& cache_;
  const OnTrouble on_trouble_;
};

}  // namespace callslip
