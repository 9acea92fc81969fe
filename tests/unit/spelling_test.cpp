#include "index/search/spelling.h"

#include <gtest/gtest.h>

#include "tests/support/indexed_folder.h"

namespace callslip {
namespace {

using test::IndexedFolder;

TEST(Spelling, FindsTheCloseWordThatIsInMostChunks) {
  IndexedFolder folder;
  folder.write("a.md", "The heron stands in the reeds.\n");
  folder.write("b.md", "A heron again, and Heronry walls.\n");
  folder.write("c.md", "The herrod is a made-up bird.\n");
  folder.refresh();
  const auto close = closest_term(*folder.snapshot(), "herron").value();
  ASSERT_TRUE(close);
  EXPECT_EQ(close->term, "heron");
  EXPECT_EQ(close->distance, 1U);
  EXPECT_EQ(close->chunks, 2U);
}

TEST(Spelling, LooksIntoEverySegment) {
  IndexedFolder folder;
  folder.write("a.md", "A lantern.\n");
  folder.refresh();
  folder.write("b.md", "A telegraph.\n");
  folder.refresh();
  const auto snapshot = folder.snapshot();
  EXPECT_EQ(closest_term(*snapshot, "lanturn").value()->term, "lantern");
  EXPECT_EQ(closest_term(*snapshot, "telgraph").value()->term, "telegraph");
}

TEST(Spelling, DoesNotOfferWordsOfDocumentsThatAreGone) {
  IndexedFolder folder;
  folder.write("a.md", "A heron.\n");
  folder.write("b.md", "A lantern.\n");
  folder.refresh();
  folder.remove("a.md");
  folder.refresh();
  EXPECT_FALSE(closest_term(*folder.snapshot(), "herron").value());
}

TEST(Spelling, DoesNotShowWordsOfHiddenCollections) {
  IndexedFolder folder;
  folder.write("a.md", "A heron.\n");
  folder.refresh();
  const auto hidden = folder.snapshot()->restricted_to({"elsewhere"});
  EXPECT_FALSE(closest_term(*hidden, "herron").value());
}

TEST(Spelling, LeavesNumbersIdentifiersAndShortWordsAlone) {
  IndexedFolder folder;
  folder.write("a.md", "sha512 max_retry_count cat\n");
  folder.refresh();
  const auto snapshot = folder.snapshot();
  EXPECT_FALSE(closest_term(*snapshot, "sha513").value());
  EXPECT_FALSE(closest_term(*snapshot, "max_retry_counts").value());
  EXPECT_FALSE(closest_term(*snapshot, "cst").value());
}

TEST(Spelling, ShowsATermAsAWordOfTheText) {
  IndexedFolder folder;
  folder.write("a.md", "What is retrievable. On Retrieval of documents.\n");
  folder.refresh();
  const auto snapshot = folder.snapshot();
  const auto close = closest_term(*snapshot, "retreiv").value();
  ASSERT_TRUE(close);
  EXPECT_EQ(word_of_term(*snapshot, close->term).value(), "Retrieval");
}

}  // namespace
}  // namespace callslip
