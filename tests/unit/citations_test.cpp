#include "tools/citations.h"

#include <gtest/gtest.h>

namespace callslip {
namespace {

std::string clean(std::string_view answer) {
  return keep_known_citations(answer, {"4f2a:9", "4f2a:10", "b1"});
}

TEST(Citations, OfTheEvidenceStay) {
  for (const char* answer : {"It is [4f2a:9].", "Both [4f2a:9, b1] say so [4f2a:10; b1].",
                             "It is [ID: 4f2a:9].", "是的【b1】。", "[b1](x) [b1]"}) {
    EXPECT_EQ(clean(answer), answer);
  }
}

TEST(Citations, OfAnythingElseGo) {
  EXPECT_EQ(clean("It is [9999:1]."), "It is.");
  EXPECT_EQ(clean("It is [1] so [ID: 77]."), "It is so.");
  EXPECT_EQ(clean("It is [4f2a:9, 4f2a:11, b1]."), "It is [4f2a:9, b1].");
  EXPECT_EQ(clean("It is[chunk 3]. 是【7】。"), "It is. 是。");
}

TEST(Citations, OtherBracketsStay) {
  for (const char* answer : {"a[0] and `b [1]` and [see below] and [2](http://x) [sic] [", "[]",
                             "[ ]", "[a, b]", "x [unclosed 1", "[TODO]"}) {
    EXPECT_EQ(clean(answer), answer);
  }
}

}  // namespace
}  // namespace callslip
