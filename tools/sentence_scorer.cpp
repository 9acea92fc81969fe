#include "tools/sentence_scorer.h"

#include <algorithm>
#include <cmath>

#include "index/search/ranker.h"
#include "tools/question_words.h"

namespace callslip {
namespace {

constexpr std::size_t kMaxTerms = 64;  // the bits of a set

}  // namespace

Result<WeightedQuestion> weigh_question(const Snapshot& snapshot, std::string_view question) {
  WeightedQuestion weighted;
  const double rarest =
      std::log(static_cast<double>(snapshot.chunk_count()) + 1.0);  // held by one chunk, about
  weighted.languages = snapshot.languages();
  std::vector<QueryTerm> terms = query_terms(question, weighted.languages);
  for (std::size_t i = 0; i < terms.size();) {
    const std::uint32_t word = terms[i].word;
    // A word that is known in one form is known; the commonest form tells how rare it is.
    WeightedQuestion::Term best{terms[i].term, rarest, false, {}};
    bool asks = false;
    bool optional = true;
    for (; i < terms.size() && terms[i].word == word; ++i) {
      asks = asks || is_question_term(terms[i].term);
      optional = optional && terms[i].optional;
      const auto weight = term_weight(snapshot, terms[i].term);
      if (!weight) return weight.error();
      if (*weight <= 0) continue;
      if (!best.known || *weight < best.weight) best.weight = *weight;
      if (best.known) {
        best.forms.push_back(std::move(terms[i].term));
      } else {
        best.term = std::move(terms[i].term);
        best.known = true;
      }
    }
    if (asks || (optional && !best.known)) continue;
    weighted.total_weight += best.weight;
    if (best.known) weighted.known_weight += best.weight;
    weighted.terms.push_back(std::move(best));
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
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    by_term_[terms_[i]->term] = i;
    for (const std::string& form : terms_[i]->forms) by_term_.try_emplace(form, i);
  }
  if (!question.languages.empty()) analyzer_.set_languages(question.languages);
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
