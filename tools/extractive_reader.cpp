#include "tools/extractive_reader.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "index/text/sentences.h"
#include "tools/sentence_scorer.h"

namespace callslip {
namespace {

// Chosen on questions with marked evidence: bench/reading_recall prints what others give.
constexpr double kThreshold = 0.4;     // of the question's weight
constexpr double kOwnShare = 0.25;     // that the sentence must hold by itself
constexpr double kContextShare = 0.4;  // what a word beside the sentence counts
constexpr double kNearBest = 0.75;     // of the passage's best sentence
constexpr std::size_t kMaxSentences = 4;
constexpr std::size_t kPassagesPerThread = 32;
constexpr std::size_t kBatch = 1024;          // passages held in memory, about 2 MB
constexpr double kPassagesPerSecond = 20000;  // about, for plans

Verdict judge(const Passage& passage, const WeightedQuestion& question, SentenceScorer& scorer) {
  const auto spans = split_sentences(passage.text, passage.kind);
  std::vector<std::uint64_t> held;
  held.reserve(spans.size());
  for (const ByteSpan& span : spans) {
    held.push_back(
        scorer.terms_in(std::string_view(passage.text).substr(span.start, span.end - span.start)));
  }
  std::string headers = passage.document + "\n" + passage.title;
  for (const std::string& heading : passage.headings) headers += "\n" + heading;
  const std::uint64_t around = scorer.terms_in(headers);

  std::vector<double> scores(spans.size());
  double best = 0;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const double own = scorer.weight_of(held[i]);
    if (own < kOwnShare * question.total_weight) continue;
    std::uint64_t beside = around;
    if (i > 0) beside |= held[i - 1];
    if (i + 1 < spans.size()) beside |= held[i + 1];
    scores[i] = (own + kContextShare * scorer.weight_of(beside & ~held[i])) / question.total_weight;
    best = std::max(best, scores[i]);
  }
  Verdict verdict;
  if (best < kThreshold) return verdict;
  verdict.kind = Verdict::Kind::relevant;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (scores[i] >= kThreshold && scores[i] >= kNearBest * best) chosen.push_back(i);
  }
  if (chosen.size() > kMaxSentences) {
    std::stable_sort(chosen.begin(), chosen.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    chosen.resize(kMaxSentences);
    std::sort(chosen.begin(), chosen.end());
  }
  for (const std::size_t i : chosen) verdict.sentences.push_back(spans[i]);
  return verdict;
}

Verdict failed(const Error& error) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::failed;
  verdict.reason = error.message;
  return verdict;
}

/// In parallel where there are enough of them.
void judge_batch(const std::vector<Passage>& passages, const WeightedQuestion& question,
                 const CallContext& context, const Reader::OnVerdict& on_verdict) {
  std::vector<Verdict> verdicts(passages.size());
  std::vector<char> judged(passages.size(), 0);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    SentenceScorer scorer(question);
    for (std::size_t i = next++; i < passages.size(); i = next++) {
      if (context.should_stop()) return;
      verdicts[i] = judge(passages[i], question, scorer);
      judged[i] = 1;
    }
  };
  {
    const std::size_t useful = passages.size() / kPassagesPerThread + 1;
    const auto threads =
        std::min<std::size_t>({useful, std::max(1U, std::thread::hardware_concurrency()), 8});
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
    work();
  }
  for (std::size_t i = 0; i < passages.size(); ++i) {
    if (judged[i] != 0) on_verdict(passages[i].number, verdicts[i]);
  }
}

}  // namespace

ReaderUsage ExtractiveReader::read(const std::string& question, PassageSource& source,
                                   std::uint64_t, const CallContext& context,
                                   const OnVerdict& on_verdict) {
  const auto snapshot = index_.snapshot();
  const auto weighted =
      snapshot ? weigh_question(**snapshot, question) : Result<WeightedQuestion>(snapshot.error());
  std::vector<Passage> batch;
  while (!context.should_stop()) {
    batch.clear();
    while (batch.size() < kBatch) {
      std::optional<Passage> passage = source.next();
      if (!passage) break;
      batch.push_back(std::move(*passage));
    }
    if (batch.empty()) break;
    if (weighted) {
      judge_batch(batch, *weighted, context, on_verdict);
    } else {
      for (const Passage& passage : batch) on_verdict(passage.number, failed(weighted.error()));
    }
  }
  return {};
}

ReaderPlan ExtractiveReader::plan(const std::string&, PassageSource& source) const {
  ReaderPlan plan;
  while (const auto passage = source.next()) {
    ++plan.passages;
    plan.tokens += passage->tokens;
  }
  plan.seconds = static_cast<double>(plan.passages) / kPassagesPerSecond;
  return plan;
}

Result<std::string> ExtractiveReader::answer(const PreparedQuestion&, std::span<const Passage>,
                                             const CallContext&, ReaderUsage&) {
  return Error{ErrorKind::unsupported,
               "no answer was written: no reader model is configured (--reader-url)"};
}

Result<PreparedQuestion> ExtractiveReader::prepare(const std::string&, std::span<const std::string>,
                                                   const CallContext&, ReaderUsage&) {
  return Error{ErrorKind::unsupported, "no reader model is configured (--reader-url)"};
}

}  // namespace callslip
