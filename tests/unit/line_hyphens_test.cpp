#include "index/text/line_hyphens.h"

#include <gtest/gtest.h>

namespace callslip {
namespace {

TEST(LineHyphens, JoinsWordsThatALineEndParts) {
  EXPECT_EQ(words_across_lines("full-text retrie-\nval and Über-\r\n  legung"),
            "retrieval Überlegung");
  EXPECT_EQ(words_across_lines("слово-\nформа"), "словоформа");
}

TEST(LineHyphens, LeavesWhatIsNoPartedWord) {
  EXPECT_EQ(words_across_lines("2019-\n2020"), "");
  EXPECT_EQ(words_across_lines("a list:\n-\nitem"), "");
  EXPECT_EQ(words_across_lines("Anglo-\nSaxon"), "") << "a hyphen of its own";
  EXPECT_EQ(words_across_lines("-\n"), "");
  EXPECT_EQ(words_across_lines("word-\n"), "");
  EXPECT_EQ(words_across_lines(""), "");
}

}  // namespace
}  // namespace callslip
