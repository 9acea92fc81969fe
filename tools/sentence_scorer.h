// SentenceScorer: how much of a question's weight a sentence holds; rare words weigh more.
//
// One per thread and question.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/analyzer.h"
#include "index/result.h"
#include "index/snapshot.h"

namespace callslip {

/// The question's distinct words with their weights in an index.
struct WeightedQuestion {
  struct Term {
    std::string term;
    double weight = 0;
    bool known = false;              // some chunk holds it
    std::vector<std::string> forms;  // of the same word, known too
  };
  std::vector<Term> terms;
  LanguageSet languages;  // of the index
  double known_weight = 0;
  double total_weight = 0;  // an unknown term weighs as much as the rarest possible
};

Result<WeightedQuestion> weigh_question(const Snapshot& snapshot, std::string_view question);

class SentenceScorer {
 public:
  /// `question` outlives this; at most 64 of its terms, the heaviest, are looked at.
  explicit SentenceScorer(const WeightedQuestion& question);

  /// Which of the question's terms a text holds, as a bit set.
  std::uint64_t terms_in(std::string_view text);

  double weight_of(std::uint64_t terms) const;

 private:
  Analyzer analyzer_{Analyzer::Mode::index};
  std::vector<const WeightedQuestion::Term*> terms_;
  std::unordered_map<std::string_view, std::size_t> by_term_;
};

}  // namespace callslip
