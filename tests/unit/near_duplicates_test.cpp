#include "tools/near_duplicates.h"

#include <gtest/gtest.h>

#include <string>

namespace callslip {
namespace {

std::string words(int from, int count) {
  std::string text;
  for (int i = from; i < from + count; ++i) text += "word" + std::to_string(i) + " ";
  return text;
}

TEST(NearDuplicates, RecognisesATextThatChangedALittle) {
  NearDuplicates seen;
  EXPECT_EQ(seen.find_or_add(words(0, 200)), std::nullopt);
  EXPECT_EQ(seen.find_or_add(words(0, 200)), 0U);
  EXPECT_EQ(seen.find_or_add(words(0, 198) + "other end"), 0U);
  EXPECT_EQ(seen.find_or_add("  " + words(0, 100) + "\n\n-- " + words(100, 100)), 0U);
}

TEST(NearDuplicates, KeepsTextsThatShareOnlyAPart) {
  NearDuplicates seen;
  EXPECT_EQ(seen.find_or_add(words(0, 100)), std::nullopt);
  EXPECT_EQ(seen.find_or_add(words(0, 70) + words(500, 30)), std::nullopt);
  EXPECT_EQ(seen.find_or_add(words(0, 200)), std::nullopt);
  EXPECT_EQ(seen.find_or_add("word1 word0 word3 word2 word5 word4 word7 word6 word9 word8 word11"),
            std::nullopt);
}

TEST(NearDuplicates, NumbersTheTextsThatWereAdded) {
  NearDuplicates seen;
  EXPECT_EQ(seen.find_or_add(words(0, 50)), std::nullopt);
  EXPECT_EQ(seen.find_or_add(words(0, 50)), 0U);  // not added
  EXPECT_EQ(seen.find_or_add(words(100, 50)), std::nullopt);
  EXPECT_EQ(seen.find_or_add(words(100, 50)), 1U);
  EXPECT_EQ(seen.find_or_add(words(0, 50)), 0U);
}

TEST(NearDuplicates, WantsShortTextsEqual) {
  NearDuplicates seen;
  EXPECT_EQ(seen.find_or_add("The key is red."), std::nullopt);
  EXPECT_EQ(seen.find_or_add("The key is blue."), std::nullopt);
  EXPECT_EQ(seen.find_or_add("The key is red now."), std::nullopt);
  EXPECT_EQ(seen.find_or_add("\"The key is red!\""), 0U);
  EXPECT_EQ(seen.find_or_add("Yes"), std::nullopt);
  EXPECT_EQ(seen.find_or_add("No"), std::nullopt);
  EXPECT_EQ(seen.find_or_add("Yes."), 3U);
}

TEST(NearDuplicates, ComparesScriptsWithoutSpaces) {
  const std::string text =
      "\u7EA2\u8272\u7684\u94A5\u5319\u6253\u5F00\u5730\u4E0B\u5BA4\u7684\u5927\u95E8"
      "\u6CA1\u6709\u4EBA\u77E5\u9053\u4E3A\u4EC0\u4E48\u4F1A\u8FD9\u6837";
  NearDuplicates seen;
  EXPECT_EQ(seen.find_or_add(text), std::nullopt);
  EXPECT_EQ(seen.find_or_add(text + "\u3002"), 0U);
  EXPECT_EQ(seen.find_or_add("\u84DD\u8272\u7684\u94A5\u5319\u5728\u9601\u697C\u91CC\u9762"
                             "\u8C01\u4E5F\u6CA1\u6709\u89C1\u8FC7\u5B83"),
            std::nullopt);
}

TEST(NearDuplicates, TakesTextsWithoutWords) {
  NearDuplicates seen;
  EXPECT_EQ(seen.find_or_add(""), std::nullopt);
  EXPECT_EQ(seen.find_or_add("--- ***"), std::nullopt);
  EXPECT_EQ(seen.find_or_add("\xFF\xFE\xE5"), std::nullopt);
  EXPECT_EQ(seen.find_or_add("a key"), std::nullopt);
}

}  // namespace
}  // namespace callslip
