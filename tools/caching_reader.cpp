#include "tools/caching_reader.h"

#include <cstring>
#include <unordered_map>
#include <utility>

namespace callslip {
namespace {

struct KeyHash {
  std::size_t operator()(const VerdictCache::Key& key) const {
    std::size_t hash = 0;
    std::memcpy(&hash, &key[key.size() - sizeof hash], sizeof hash);  // the question is in front
    return hash;
  }
};

/// One read: the source of the inner reader, and where its verdicts go.
class CachedRead : public PassageSource {
 public:
  CachedRead(VerdictCache& cache, std::uint64_t question, PassageSource& source,
             const CallContext& context, const Reader::OnVerdict& on_verdict,
             const CachingReader::OnTrouble& on_trouble)
      : cache_(cache),
        question_(question),
        source_(source),
        context_(context),
        on_verdict_(on_verdict),
        on_trouble_(on_trouble),
        known_question_(cache.holds_any(question)),
        looks_in_cache_(known_question_) {}

  /// The next passage that is not in the cache; reports those that are.
  std::optional<Passage> next() override {
    if (!pending_.empty()) flush();
    while (!ended_ && !context_.should_stop()) {
      std::optional<Passage> passage = source_.next();
      if (!passage) {
        ended_ = true;
        break;
      }
      const VerdictCache::Key key = VerdictCache::key(question_, passage->text);
      if (const auto judged = judged_.find(key); judged != judged_.end()) {
        on_verdict_(passage->number, judged->second);
        continue;
      }
      if (looks_in_cache_) {
        if (const std::optional<Verdict> verdict = cache_.find(key, passage->text)) {
          on_verdict_(passage->number, *verdict);
          continue;
        }
      }
      const auto [asked, first] = asked_.try_emplace(key);
      if (!first) {
        asked->second.push_back(passage->number);
        continue;
      }
      keys_.emplace(passage->number, key);
      return passage;
    }
    return std::nullopt;
  }

  /// Holds verdicts back only for a reader that is known to say when its reply is judged.
  void judged(std::size_t number, const Verdict& verdict) {
    pending_.push_back({number, verdict});
    if (!tells_) flush();
  }

  void reply_judged() override {
    tells_ = true;
    flush();
  }

  /// One transaction costs a third of one for each verdict.
  void flush() {
    std::vector<Pending> pending;
    std::swap(pending, pending_);
    std::vector<VerdictCache::Judged> judged;
    for (const Pending& each : pending) {
      const auto known = keys_.find(each.number);
      if (known != keys_.end()) judged.push_back({known->second, &each.verdict});
    }
    if (const Status stored = cache_.store(judged); !stored.ok() && on_trouble_) {
      on_trouble_(stored.error());
    }
    for (const Pending& each : pending) report(each.number, each.verdict);
  }

  /// What the inner reader left: hits are free. Where there were none before this read, what is
  /// left may be a whole library without one.
  void drain() {
    while (known_question_ && next()) {
    }
  }

 private:
  struct Pending {
    std::size_t number;
    Verdict verdict;
  };

  /// To the passage and those of the same text.
  void report(std::size_t number, const Verdict& verdict) {
    on_verdict_(number, verdict);
    const auto known = keys_.find(number);
    if (known == keys_.end()) return;
    const auto asked = asked_.extract(known->second);
    keys_.erase(known);
    Verdict same = verdict;
    same.rejected_quotes = 0;  // one reply rejected them
    same.from_cache = verdict.kind != Verdict::Kind::failed;
    if (!asked.empty()) {
      for (const std::size_t twin : asked.mapped()) on_verdict_(twin, same);
      if (same.from_cache) keep(asked.key(), std::move(same));
    }
  }

  /// For the passages of the same text that are still to come.
  void keep(const VerdictCache::Key& key, Verdict verdict) {
    constexpr std::size_t most = 1U << 15U;
    if (judged_.size() < most) {
      judged_.emplace(key, std::move(verdict));
    } else {
      looks_in_cache_ = true;  // they were stored, too
    }
  }

  VerdictCache& cache_;
  const std::uint64_t question_;
  PassageSource& source_;
  const CallContext& context_;
  const Reader::OnVerdict& on_verdict_;
  const CachingReader::OnTrouble& on_trouble_;
  const bool known_question_;  // before this read
  bool looks_in_cache_;
  bool ended_ = false;
  bool tells_ = false;
  std::vector<Pending> pending_;
  std::unordered_map<std::size_t, VerdictCache::Key> keys_;  // of what the inner reader judges
  // The same by text, with the further passages of that text.
  std::unordered_map<VerdictCache::Key, std::vector<std::size_t>, KeyHash> asked_;
  std::unordered_map<VerdictCache::Key, Verdict, KeyHash> judged_;  // in this read
};

/// The passages that a plan must count: the others cost nothing.
class Misses : public PassageSource {
 public:
  Misses(VerdictCache& cache, std::uint64_t question, PassageSource& source)
      : cache_(cache), question_(question), source_(source) {}

  std::optional<Passage> next() override {
    std::optional<Passage> passage = source_.next();
    while (passage &&
           cache_.find(VerdictCache::key(question_, passage->text), passage->text).has_value()) {
      ++hits_;
      passage = source_.next();
    }
    return passage;
  }

  std::uint64_t hits() const { return hits_; }

 private:
  VerdictCache& cache_;
  const std::uint64_t question_;
  PassageSource& source_;
  std::uint64_t hits_ = 0;
};

}  // namespace

CachingReader::CachingReader(std::unique_ptr<Reader> inner, VerdictCache& cache,
                             OnTrouble on_trouble)
    : inner_(std::move(inner)), cache_(cache), on_trouble_(std::move(on_trouble)) {}

ReaderUsage CachingReader::read(const std::string& question, PassageSource& source,
                                std::uint64_t max_calls, const CallContext& context,
                                const OnVerdict& on_verdict) {
  const std::string identity = inner_->identity();
  if (identity.empty()) return inner_->read(question, source, max_calls, context, on_verdict);
  CachedRead read(cache_, VerdictCache::question_hash(identity, question, source.visibility()),
                  source, context, on_verdict, on_trouble_);
  ReaderUsage usage = inner_->read(
      question, read, max_calls, context,
      [&read](std::size_t number, const Verdict& verdict) { read.judged(number, verdict); });
  read.flush();
  read.drain();
  return usage;
}

ReaderPlan CachingReader::plan(const std::string& question, PassageSource& source) const {
  const std::string identity = inner_->identity();
  if (identity.empty()) return inner_->plan(question, source);
  Misses misses(cache_, VerdictCache::question_hash(identity, question, source.visibility()),
                source);
  ReaderPlan plan = inner_->plan(question, misses);
  plan.cached += misses.hits();
  return plan;
}

}  // namespace callslip
