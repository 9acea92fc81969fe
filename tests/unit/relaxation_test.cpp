#include "tools/relaxation.h"

#include <gtest/gtest.h>

#include "tests/support/indexed_folder.h"
#include "tools/doc_search.h"

namespace callslip {
namespace {

using test::IndexedFolder;
using Kind = Relaxation::Kind;

class RelaxationTest : public testing::Test {
 protected:
  RelaxationTest() {
    folder_.write("birds.md", "# Birds\n\nThe heron fishes at dawn beside the copper mill.\n");
    folder_.write("code.c", "int getUserName(void);\nint max_retry_count;\n");
    folder_.write("notes.md", "Lanterns are lit in winter. The Mill was closed\nfor repair.\n");
    folder_.refresh();
  }

  static DocSearchRequest query(const std::string& text) {
    DocSearchRequest request;
    request.query = text;
    request.whole = false;
    return request;
  }

  DocSearchResult search(const DocSearchRequest& request) {
    auto result = DocSearch(folder_.library()).search(request, {});
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? std::move(result).value() : DocSearchResult{};
  }

  static const Relaxation* find(const DocSearchResult& result, Kind kind) {
    for (const Relaxation& each : result.relaxed) {
      if (each.kind == kind) return &each;
    }
    return nullptr;
  }

  IndexedFolder folder_;
};

TEST_F(RelaxationTest, AMisspeltWordIsSearchedAsTheOneThatIsThere) {
  const auto result = search(query("where does the herron fish"));
  ASSERT_FALSE(result.chunks.empty());
  EXPECT_EQ(result.chunks[0].document, "docs/birds.md");
  const Relaxation* spelling = find(result, Kind::spelling);
  ASSERT_NE(spelling, nullptr);
  EXPECT_EQ(spelling->words, std::vector<std::string>{"herron"});
  EXPECT_EQ(spelling->instead, "heron");
  EXPECT_NE(result.text.find("no chunk has \"herron\": searched for \"heron\" instead"),
            std::string::npos);
}

TEST_F(RelaxationTest, WordsThatAreThereAreNotTouched) {
  const auto result = search(query("heron copper mill"));
  EXPECT_TRUE(result.relaxed.empty());
}

TEST_F(RelaxationTest, SaysWhichWordsAreNowhere) {
  const auto result = search(query("heron zyzzyva"));
  const Relaxation* missing = find(result, Kind::missing);
  ASSERT_NE(missing, nullptr);
  EXPECT_EQ(missing->words, std::vector<std::string>{"zyzzyva"});
  EXPECT_NE(result.text.find("no chunk has \"zyzzyva\""), std::string::npos);
}

TEST_F(RelaxationTest, AnIdentifierThatIsThereInPartsIsLeftAlone) {
  const auto result = search(query("retryCount"));
  EXPECT_TRUE(result.relaxed.empty());
  ASSERT_FALSE(result.chunks.empty());
  EXPECT_EQ(result.chunks[0].document, "docs/code.c");
}

TEST_F(RelaxationTest, AMisspeltPartOfAnIdentifierIsMended) {
  const auto result = search(query("getUserNmae"));
  const Relaxation* spelling = find(result, Kind::spelling);
  ASSERT_NE(spelling, nullptr);
  EXPECT_EQ(spelling->words, std::vector<std::string>{"getUserNmae"});
}

TEST_F(RelaxationTest, AWeakMatchIsSaid) {
  const auto result = search(query("dawn taxes parliament elections budget"));
  const Relaxation* weak = find(result, Kind::weak);
  ASSERT_NE(weak, nullptr);
  EXPECT_EQ(weak->words, (std::vector<std::string>{"taxes", "parliament", "elections", "budget"}));
}

TEST_F(RelaxationTest, AMatchOfAMendedWordIsNotWeak) {
  const auto result = search(query("herron"));
  ASSERT_NE(find(result, Kind::spelling), nullptr);
  EXPECT_EQ(find(result, Kind::weak), nullptr);
}

TEST_F(RelaxationTest, KeywordsThatMatchMakeAMatchStrong) {
  auto request = query("Abgaben Wahlen Haushalt Parlament");
  request.keywords = {"heron"};
  EXPECT_EQ(find(search(request), Kind::weak), nullptr);
}

TEST_F(RelaxationTest, ALiteralThatIsNowhereComesWithHowItIsWritten) {
  auto request = query("mill");
  request.exact = {"the mill was closed for"};
  const auto result = search(request);
  EXPECT_TRUE(result.chunks.empty());
  const Relaxation* exact = find(result, Kind::exact);
  ASSERT_NE(exact, nullptr);
  EXPECT_EQ(exact->instead, "The Mill was closed\nfor");
  EXPECT_NE(result.text.find("letter for letter, \"the mill was closed for\""), std::string::npos);
  EXPECT_NE(result.text.find("without literals 2 chunks match"), std::string::npos);
}

TEST_F(RelaxationTest, LiteralsThatAreNotTogetherAreToldFromMissingOnes) {
  auto request = query("mill");
  request.exact = {"heron", "Lanterns"};
  const Relaxation* exact = nullptr;
  const auto apart = search(request);
  ASSERT_NE(exact = find(apart, Kind::exact), nullptr);
  EXPECT_NE(exact->note.find("each is in some"), std::string::npos);
  request.exact = {"heron", "platypus"};
  const auto one = search(request);
  ASSERT_NE(exact = find(one, Kind::exact), nullptr);
  EXPECT_EQ(exact->words, std::vector<std::string>{"platypus"});
}

TEST_F(RelaxationTest, OtherDocumentsThatMatchAreOffered) {
  auto request = query("heron");
  request.documents = {"docs/code.c"};
  const auto result = search(request);
  EXPECT_TRUE(result.chunks.empty());
  const Relaxation* documents = find(result, Kind::documents);
  ASSERT_NE(documents, nullptr);
  EXPECT_NE(documents->note.find("1 chunk of others does"), std::string::npos);
}

TEST_F(RelaxationTest, TheNextPageSaysNothingTwice) {
  for (int i = 0; i < 5; ++i) {
    folder_.write("more" + std::to_string(i) + ".md", "Another heron.\n");
  }
  folder_.refresh();
  auto request = query("herron");
  request.limit = 2;
  const auto first = search(request);
  EXPECT_FALSE(first.relaxed.empty());
  ASSERT_FALSE(first.next_cursor.empty());
  request.cursor = first.next_cursor;
  const auto second = search(request);
  EXPECT_FALSE(second.chunks.empty());
  EXPECT_TRUE(second.relaxed.empty());
}

TEST_F(RelaxationTest, StaysWithinTheSmallestBudget) {
  auto request = query("herron zyzzyva parliament elections");
  request.max_tokens = min_max_tokens;
  EXPECT_LE(search(request).total_tokens, min_max_tokens);
  request.exact = {std::string(3000, 'x')};
  EXPECT_LE(search(request).total_tokens, min_max_tokens);
}

TEST_F(RelaxationTest, CoverIsTheShareOfWhatTheWordsAreWorth) {
  const auto snapshot = folder_.snapshot();
  const auto best =
      rank(*snapshot, std::vector<WeightedTerm>{{"heron", 1.0}}, snapshot->living(), 1).value().top;
  EXPECT_DOUBLE_EQ(cover_of(*snapshot, "what is the heron", best)->share, 1);
  const auto half = cover_of(*snapshot, "heron winter", best);
  EXPECT_NEAR(half->share, 0.5, 0.01);
  EXPECT_EQ(half->lacking, std::vector<std::string>{"winter"});
}

}  // namespace
}  // namespace callslip
