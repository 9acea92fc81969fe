#include "tools/sentence_scorer.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "index/ranker.h"

namespace callslip {
namespace {

constexpr std::size_t kMaxTerms = 64;  // the bits of a set

/// Words that make a question a question: no evidence repeats them, so they must not be missed.
const std::unordered_set<std::string>& question_words() {
  static const std::unordered_set<std::string> words = [] {
    std::unordered_set<std::string> terms;
    for (const QueryTerm& term : query_terms(
             "what which who whom whose when where why how many much do does did is are was were "
             "be "
             "been being the a an of in on at to for from by with and or that this these those it "
             "its as has have had can could would should will may not into than then there "
             "что какой какая какое какие каких каком кто где куда когда почему зачем как сколько "
             "чем чего чему в на и с по из для от о об к у не это был была было были есть является "
             "哪個 哪个 哪里 哪裡 哪些 哪一 什么 什麼 為何 为何 如何 怎么 怎麼 怎样 怎樣 多少 何時 "
             "何时 为什 為什 是谁 是誰 是什 的 是 了 在 有 和 与 與 吗 嗎 呢 谁 誰 哪 何")) {
      terms.insert(term.term);
    }
    return terms;
  }();
  return words;
}

}  // namespace

Result<WeightedQuestion> weigh_question(const Snapshot& snapshot, std::string_view question) {
  WeightedQuestion weighted;
  const double rarest =
      std::log(static_cast<double>(snapshot.chunk_count()) + 1.0);  // held by one chunk, about
  for (QueryTerm& term : query_terms(question)) {
    if (question_words().contains(term.term)) continue;
    const auto weight = term_weight(snapshot, term.term);
    if (!weight) return weight.error();
    const bool known = *weight > 0;
    weighted.terms.push_back({std::move(term.term), known ? *weight : rarest, known});
    weighted.total_weight += weighted.terms.back().weight;
    if (known) weighted.known_weight += *weight;
  }
  return weighted;
}

SentenceScorer::SentenceScorer(const WeightedQuestion& question) {
  for (const auto& term : question.terms) {
    if (term.known) terms_.push_back(&term);
  }
  std::stable_sort(terms_.begin(), terms_.end(),
                   [](const auto* a, const auto* b) { return a->weight > b->weight; });
  if (terms_.size() > kMaxTerms) terms_.resize(kMaxTerms);
  for (std::size_t i = 0; i < terms_.size(); ++i) by_term_[terms_[i]->term] = i;
}

std::uint64_t SentenceScorer::terms_in(std::string_view text) {
  analyzer_.clear();
  analyzer_.add(text);
  std::uint64_t found = 0;
  for (const auto& count : analyzer_.counts()) {
    if (const auto it = by_term_.find(count.term); it != by_term_.end()) {
      found |= std::uint64_t{1} << it->second;
    }
  }
  return found;
}

double SentenceScorer::weight_of(std::uint64_t terms) const {
  double weight = 0;
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    if ((terms >> i & 1) != 0) weight += terms_[i]->weight;
  }
  return weight;
}

}  // namespace callslip
