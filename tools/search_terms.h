// SearchTerms: what the words of a query are worth.
//
// Question words ("how", "which", "do") are left out where other words are left, and the commonest
// function words count less: measured in docs/RELEVANCE.md. A word in capitals among others that
// are not ("WHO guidelines") is a name. Pure function: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "index/language/language.h"
#include "index/search/ranker.h"

namespace callslip {

struct WordWeights {
  double question = 0;
  double function = 0.7;
};

/// `languages`: as of query_terms. Forms of one word follow each other, with its weight.
std::vector<WeightedTerm> search_terms(std::string_view query,
                                       LanguageSet languages = {Language::unknown},
                                       WordWeights weights = {});

/// Whether a form of a query's word is a question word or a function word of English.
bool is_light_term(const std::string& term);

}  // namespace callslip
