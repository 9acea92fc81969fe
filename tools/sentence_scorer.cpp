#include "tools/sentence_scorer.h"

#include <algorithm>
#include <cmath>

#include "index/ranker.h"
#include "tools/question_words.h"

namespace callslip {
namespace {

constexpr std::size_t kMaxTerms = 64;  // the bits of a set

}  // namespace

Result<WeightedQuestion> weigh_question(const Snapshot& snapshot, std::string_view question) {
  WeightedQuestion weighted;
  const double rarest =
      std::log(static_cast<double>(snapshot.chunk_count()) + 1.0);  // held by one chunk, about
  for (QueryTerm& term : query_terms(question)) {
    if (is_question_term(term.term)) continue;
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
