#include "tools/search_terms.h"

#include <algorithm>
#include <unordered_set>

#include "index/analyzer.h"

namespace callslip {
namespace {

using Terms = std::unordered_set<std::string>;

Terms terms_of(std::string_view words) {
  Terms terms;
  for (QueryTerm& term : query_terms(words)) terms.insert(std::move(term.term));
  return terms;
}

const Terms& question_terms() {
  static const Terms terms = terms_of(
      "what which who whom whose when where why how do does did can could would should i my me you "
      "your we our am been being were has have had about any some please");
  return terms;
}

const Terms& function_terms() {
  static const Terms terms = terms_of(
      "a an and are as at be but by for if in into is it no not of on or such that the their then "
      "there these they this to was will with from its");
  return terms;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_small(char c) { return c >= 'a' && c <= 'z'; }

/// Terms of the words in capitals, where not all words are.
Terms names_in(std::string_view query) {
  if (std::none_of(query.begin(), query.end(), is_small)) return {};
  std::string names;
  for (std::size_t at = 0; at < query.size();) {
    std::size_t end = at;
    while (end < query.size() && is_letter(query[end])) ++end;
    const std::string_view word = query.substr(at, end - at);
    if (word.size() > 1 && std::none_of(word.begin(), word.end(), is_small)) {
      names.append(word).append(" ");
    }
    at = end + 1;
  }
  return terms_of(names);
}

}  // namespace

bool is_light_term(const std::string& term) {
  return question_terms().contains(term) || function_terms().contains(term);
}

std::vector<WeightedTerm> search_terms(std::string_view query, WordWeights weights) {
  const Terms names = names_in(query);
  std::vector<WeightedTerm> all;
  std::vector<WeightedTerm> kept;
  for (QueryTerm& term : query_terms(query)) {
    const auto frequency = static_cast<double>(term.frequency);
    double weight = 1;
    if (!names.contains(term.term)) {
      if (question_terms().contains(term.term)) weight = weights.question;
      if (function_terms().contains(term.term)) weight = weights.function;
    }
    if (weight > 0) kept.push_back({term.term, frequency * weight});
    all.push_back({std::move(term.term), frequency});
  }
  const bool says_something = std::any_of(kept.begin(), kept.end(), [&](const WeightedTerm& term) {
    return names.contains(term.term) || !is_light_term(term.term);
  });
  return says_something ? kept : all;
}

}  // namespace callslip
