#include "index/analyzer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace callslip {
namespace {

using testing::Contains;
using testing::IsSubsetOf;
using testing::Not;
using testing::UnorderedElementsAre;

std::vector<std::string> indexed(const std::string& text) {
  Analyzer analyzer(Analyzer::Mode::index);
  analyzer.add(text);
  std::vector<std::string> terms;
  for (const auto& count : analyzer.counts()) terms.emplace_back(count.term);
  return terms;
}

std::vector<std::string> queried(const std::string& text) {
  std::vector<std::string> terms;
  for (const QueryTerm& term : query_terms(text)) terms.push_back(term.term);
  return terms;
}

TEST(Analyzer, StemsAndFoldsCase) {
  EXPECT_EQ(queried("Indexing INDEXED indexes"), queried("index"));
  EXPECT_EQ(queried("книги"), queried("книгами"));
  EXPECT_EQ(queried("Café"), queried("cafe"));
  EXPECT_EQ(queried("ёлка"), queried("елка"));
}

TEST(Analyzer, ForgetsThePossessive) {
  EXPECT_THAT(queried("the model's answer"), UnorderedElementsAre("the", "model", "answer"));
  EXPECT_THAT(queried("the model’s"), UnorderedElementsAre("the", "model"));
}

TEST(Analyzer, FindsIdentifiersWholeAndByTheirParts) {
  EXPECT_THAT(indexed("parseHTTPRequest"),
              UnorderedElementsAre("parsehttprequest", "pars", "http", "request"));
  EXPECT_THAT(indexed("parse_http_request"),
              UnorderedElementsAre("parse_http_request", "pars", "http", "request"));
  EXPECT_THAT(queried("http request"), IsSubsetOf(indexed("parseHTTPRequest")));
  EXPECT_THAT(queried("__init__"), IsSubsetOf(indexed("def __init__(self):")));
}

TEST(Analyzer, LeavesOrdinaryWordsWhole) {
  EXPECT_THAT(indexed("utf8 ext4 x86"), UnorderedElementsAre("utf8", "ext4", "x86"));
}

TEST(Analyzer, KnowsLanguagesNamedWithSigns) {
  EXPECT_THAT(queried("C++ and C# but a+b"), Contains("c++"));
  EXPECT_THAT(queried("C++ and C# but a+b"), Contains("c#"));
}

TEST(Analyzer, AWordOfTwoChineseLettersFindsItsPassage) {
  EXPECT_THAT(queried("方法"), UnorderedElementsAre("方法"));
  EXPECT_THAT(queried("方法"), IsSubsetOf(indexed("这个方法很好")));
  EXPECT_THAT(queried("法"), IsSubsetOf(indexed("这个方法很好")));
  EXPECT_THAT(queried("法很"), Not(Contains("法")));
  EXPECT_THAT(queried("検索エンジン"), IsSubsetOf(indexed("この検索エンジンは速い")));
  EXPECT_THAT(queried("도서관"), IsSubsetOf(indexed("국립도서관에서")));
}

TEST(Analyzer, ReadsMixedScripts) {
  const auto terms = indexed("使用Xapian建立索引");
  EXPECT_THAT(queried("xapian"), IsSubsetOf(terms));
  EXPECT_THAT(queried("索引"), IsSubsetOf(terms));
}

TEST(Analyzer, BoundsALongWord) {
  for (const std::string& term : indexed(std::string(100'000, 'a'))) EXPECT_LE(term.size(), 64U);
  for (const std::string& term : indexed("\xFF\xFE bad \xC3")) EXPECT_FALSE(term.empty());
}

TEST(Analyzer, CountsAndForgets) {
  Analyzer analyzer(Analyzer::Mode::index);
  analyzer.add("stone stone river");
  EXPECT_EQ(analyzer.length(), 3U);
  ASSERT_EQ(analyzer.counts().size(), 2U);
  EXPECT_EQ(analyzer.counts()[0].frequency, 2U);
  analyzer.clear();
  EXPECT_EQ(analyzer.length(), 0U);
  EXPECT_TRUE(analyzer.counts().empty());
}

}  // namespace
}  // namespace callslip
