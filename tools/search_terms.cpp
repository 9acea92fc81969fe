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

std::vector<WeightedTerm> search_terms(std::string_view query, LanguageSet languages,
                                       WordWeights weights) {
  const Terms names = names_in(query);
  const std::vector<QueryTerm> terms = query_terms(query, languages);
  std::vector<WeightedTerm> all;
  std::vector<WeightedTerm> kept;
  bool says_something = false;
  for (std::size_t i = 0; i < terms.size();) {
    const std::size_t first = i;
    bool asks = false;
    bool light = false;
    bool name = false;
    for (; i == first || (i < terms.size() && terms[i].word == terms[first].word); ++i) {
      asks = asks || question_terms().contains(terms[i].term);
      light = light || is_light_term(terms[i].term);
      name = name || names.contains(terms[i].term);
    }
    const double factor = name || !light ? 1 : asks ? weights.question : weights.function;
    says_something = says_something || name || !light;
    for (std::size_t t = first; t < i; ++t) {
      const auto frequency = static_cast<double>(terms[t].frequency);
      all.push_back({terms[t].term, frequency, terms[t].word});
      if (factor > 0) kept.push_back({terms[t].term, frequency * factor, terms[t].word});
    }
  }
  return says_something ? kept : all;
}

}  // namespace callslip
