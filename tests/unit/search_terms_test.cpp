#include "tools/search_terms.h"

#include <gtest/gtest.h>

#include <map>

namespace callslip {
namespace {

std::map<std::string, double> weights_of(std::string_view query) {
  std::map<std::string, double> weights;
  for (const WeightedTerm& term : search_terms(query)) weights[term.term] = term.weight;
  return weights;
}

TEST(SearchTerms, LeaveOutQuestionWordsWhereOthersAreLeft) {
  const auto weights = weights_of("How do I configure the copper lantern?");
  EXPECT_FALSE(weights.contains("how"));
  EXPECT_FALSE(weights.contains("do"));
  EXPECT_EQ(weights.at("copper"), 1);
  EXPECT_LT(weights.at("the"), 1);
}

TEST(SearchTerms, KeepAllWordsWhereNoneSaysMore) {
  const auto weights = weights_of("what is it");
  EXPECT_EQ(weights.at("what"), 1);
  EXPECT_EQ(weights.at("it"), 1);
}

TEST(SearchTerms, KeepNamesInCapitals) {
  EXPECT_EQ(weights_of("WHO guidelines for measles").at("who"), 1);
  EXPECT_FALSE(weights_of("WHO WROTE THE GUIDELINES").contains("who"));
}

TEST(SearchTerms, CountAWordAsOftenAsItStandsInTheQuery) {
  EXPECT_EQ(weights_of("copper copper lantern").at("copper"), 2);
}

}  // namespace
}  // namespace callslip
