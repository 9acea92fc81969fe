#include "index/text/sentences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "index/text/utf8_steps.h"

namespace callslip {
namespace {

using testing::ElementsAre;

std::vector<std::string> sentences_of(const std::string& text, TextKind kind = TextKind::prose) {
  std::vector<std::string> found;
  for (const ByteSpan span : split_sentences(text, kind)) {
    found.push_back(text.substr(span.start, span.end - span.start));
  }
  return found;
}

/// What every split must keep to, whatever the text.
void expect_sound(const std::string& text, TextKind kind) {
  std::size_t pos = 0;
  const auto expect_only_space = [&](std::size_t end) {
    EXPECT_TRUE(utf8::trim(text.substr(pos, end - pos)).empty())
        << "lost: " << text.substr(pos, end - pos);
  };
  for (const ByteSpan span : split_sentences(text, kind)) {
    ASSERT_LT(span.start, span.end);
    ASSERT_GE(span.start, pos);
    ASSERT_LE(span.end - span.start, max_sentence_bytes);
    ASSERT_EQ(utf8::floor(text, span.start), span.start);
    ASSERT_EQ(utf8::floor(text, span.end), span.end);
    const ByteSpan trimmed = utf8::trimmed(text, span);
    EXPECT_EQ(trimmed, span);
    expect_only_space(span.start);
    pos = span.end;
  }
  expect_only_space(text.size());
}

TEST(Sentences, EndAtStopsAndMarks) {
  EXPECT_THAT(sentences_of("One is here. Is two? Yes! Three\u2026 Four ends"),
              ElementsAre("One is here.", "Is two?", "Yes!", "Three\u2026", "Four ends"));
  EXPECT_THAT(sentences_of("Really?! He left... Then it rained."),
              ElementsAre("Really?!", "He left...", "Then it rained."));
}

TEST(Sentences, TakeClosingQuotesAndBracketsAlong) {
  EXPECT_THAT(sentences_of("He said \"Stop.\" Then he left. (It rained.) We stayed."),
              ElementsAre("He said \"Stop.\"", "Then he left.", "(It rained.)", "We stayed."));
  EXPECT_THAT(sentences_of("\u201CWhat?\u201D he asked. It is **done.** Next."),
              ElementsAre("\u201CWhat?\u201D he asked.", "It is **done.**", "Next."));
  EXPECT_THAT(sentences_of("It was found.[12] Later it was lost.[^a] Then found."),
              ElementsAre("It was found.[12]", "Later it was lost.[^a]", "Then found."));
}

TEST(Sentences, DoNotEndAtAbbreviations) {
  for (const char* sentence : {
           "Mr. Smith met Dr. Jones vs. the rest, e.g. Prof. Moriarty.",
           "See Fig. 3, No. 5 and pp. 10 ff., i.e. Sec. 2 of Vol. 7.",
           "The U.S. Army and J. R. R. Tolkien agreed at 5 p.m. sharp.",
           "Apples, pears etc. are fruit.",
           "Это т.е. пример, стр. 5, рис. 7 и т.д. для теста.",
           "Он родился в г. Москва на ул. Ленина.",
           "Im Jahr bzw. am 3. Mai kam Hr. Schmidt z.B. nach Berlin.",
           "The allg. rule holds.",
       }) {
    EXPECT_THAT(sentences_of(sentence), ElementsAre(sentence));
  }
}

TEST(Sentences, EndAtAbbreviationsBeforeAnotherSentence) {
  EXPECT_THAT(sentences_of("Apples, pears, etc. Oranges too."),
              ElementsAre("Apples, pears, etc.", "Oranges too."));
  EXPECT_THAT(sentences_of("He lives in the U.S. The food is good."),
              ElementsAre("He lives in the U.S.", "The food is good."));
  EXPECT_THAT(sentences_of("Did he? No. He did not."),
              ElementsAre("Did he?", "No.", "He did not."));
  EXPECT_THAT(sentences_of("Это было в 1990 г. Он жил там. Яблоки и т. д. Она ушла."),
              ElementsAre("Это было в 1990 г.", "Он жил там.", "Яблоки и т. д.", "Она ушла."));
}

TEST(Sentences, DoNotEndInsideNumbersVersionsAndFileNames) {
  for (const char* sentence : {
           "Pi is 3.14 and version 1.2.3-rc.1 of a.out reads foo.conf at example.org today.",
           "Use .NET or ...args in [...] parts of it.",
           "1. first of the list",
           "2.3. Results of the Trial",
       }) {
    EXPECT_THAT(sentences_of(sentence), ElementsAre(sentence));
  }
  EXPECT_THAT(sentences_of("Run a.out. Then read 3.14. Done in 1990. Good."),
              ElementsAre("Run a.out.", "Then read 3.14.", "Done in 1990.", "Good."));
}

TEST(Sentences, EndAtFullwidthMarksWithoutSpace) {
  EXPECT_THAT(sentences_of("今天天气很好。我们去公园吧！好吗？可以；走。"),
              ElementsAre("今天天气很好。", "我们去公园吧！", "好吗？", "可以；", "走。"));
  EXPECT_THAT(sentences_of("他说：「好。」然后走了。你好!我是"),
              ElementsAre("他说：「好。」", "然后走了。", "你好!", "我是"));
  EXPECT_THAT(sentences_of("यह एक वाक्य है। यह दूसरा है।"), ElementsAre("यह एक वाक्य है।", "यह दूसरा है।"));
}

TEST(Sentences, RunOverLineBreaksOfWrappedText) {
  EXPECT_THAT(sentences_of("The quick brown fox\njumps over\r\nthe Lazy dog. It\nsleeps."),
              ElementsAre("The quick brown fox\njumps over\r\nthe Lazy dog.", "It\nsleeps."));
}

TEST(Sentences, EndAtBlankLinesHeadingsItemsRowsAndRules) {
  EXPECT_THAT(sentences_of("# Title\nText here\n\nmore\n- item one\n  goes on\n* item two\n"
                           "12. item three\n| a | b |\n|---|---|\nEnd\n===\nafter"),
              ElementsAre("# Title", "Text here", "more", "- item one\n  goes on", "* item two",
                          "12. item three", "| a | b |", "|---|---|", "End", "===", "after"));
}

TEST(Sentences, EndAtHeadingsWithoutMarkup) {
  EXPECT_THAT(sentences_of("Introduction\nThis paper is about the many ways in which text is cut\n"
                           "into sentences."),
              ElementsAre("Introduction",
                          "This paper is about the many ways in which text is cut\n"
                          "into sentences."));
}

TEST(Sentences, KeepLinesOfFencedBlocksApart) {
  EXPECT_THAT(sentences_of("Do this:\n```sh\nmake all\nmake install\n```\nIt\nworks."),
              ElementsAre("Do this:", "```sh", "make all", "make install", "```", "It\nworks."));
}

TEST(Sentences, OfCodeAreItsLines) {
  EXPECT_THAT(sentences_of("int f() {\r\n  return 1; // one. Two.\n\n\t}\n", TextKind::code),
              ElementsAre("int f() {", "return 1; // one. Two.", "}"));
}

TEST(Sentences, ThatNeverEndAreCutAtClauses) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += i % 20 == 19 ? "word, " : "word ";
  const auto found = sentences_of(text);
  EXPECT_GE(found.size(), 2U);
  for (std::size_t i = 0; i + 1 < found.size(); ++i) EXPECT_EQ(found[i].back(), ',');
  expect_sound(text, TextKind::prose);
  expect_sound(std::string(5000, 'x'), TextKind::prose);
  std::string chinese;
  for (int i = 0; i < 1000; ++i) chinese += "字";
  expect_sound(chinese, TextKind::code);
}

TEST(Sentences, OfNothingAreNone) {
  EXPECT_TRUE(split_sentences("", TextKind::prose).empty());
  EXPECT_TRUE(split_sentences(" \n\t\u3000\u00A0\n", TextKind::prose).empty());
  EXPECT_TRUE(split_sentences("\n\n", TextKind::code).empty());
}

TEST(Sentences, AreSoundForAnyText) {
  const std::vector<std::string> parts = {
      ".",   "?",    "!",    "\u2026", "。",     "！", " ",   "\n", "\n\n", "\r\n",  "Word", "word",
      "e.g", "1",    "字",   "\"",     "\u201D", ")",  "[1]", "# ", "- ",   "| ",    "```",  "\t",
      "\f",  "\xFF", "\xE3", "\x80",   "\u3000", ",",  "т.д", "г",  "J",    "[...]", "{",    "—"};
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (unsigned left = random() % 60; left > 0; --left) text += parts[random() % parts.size()];
    expect_sound(text, TextKind::prose);
    expect_sound(text, TextKind::code);
    const std::size_t max = random() % 80;
    const std::size_t cut = cut_at_sentence(text, TextKind::prose, max);
    ASSERT_LE(cut, std::min(max, text.size()));
    ASSERT_EQ(utf8::floor(text, cut), cut);
  }
}

TEST(Sentences, OfHostileTextTakeLinearTime) {
  // Quadratic work on 512 KB would not end within the test's time limit.
  constexpr std::size_t size = 1U << 19U;
  for (const std::string& unit :
       {std::string("."), std::string(". "), std::string("\""), std::string(".\""),
        std::string("\n"), std::string(" "), std::string("["), std::string("[1"),
        std::string(". ("), std::string("a."), std::string("|"), std::string("\x80")}) {
    std::string text;
    while (text.size() < size) text += unit;
    split_sentences(text, TextKind::prose);
  }
}

TEST(CutAtSentence, PrefersSentencesThenLinesThenWords) {
  const std::string text = "One two. Three four five.\nSix";
  EXPECT_EQ(cut_at_sentence(text, TextKind::prose, 100), text.size());
  EXPECT_EQ(text.substr(0, cut_at_sentence(text, TextKind::prose, 20)), "One two.");
  EXPECT_EQ(text.substr(0, cut_at_sentence(text, TextKind::prose, 25)),
            "One two. Three four five.");
  EXPECT_EQ(text.substr(0, cut_at_sentence(text, TextKind::prose, 6)), "One");
  EXPECT_EQ(text.substr(0, cut_at_sentence("ab cd\nef gh ij", TextKind::prose, 10)).size(), 5U);
  EXPECT_EQ(cut_at_sentence("字字字", TextKind::prose, 4), 3U);
  EXPECT_EQ(cut_at_sentence("字字字", TextKind::prose, 2), 0U);
  EXPECT_EQ(cut_at_sentence("  One two", TextKind::prose, 1), 1U);
  // A stop at the limit is no end when the text goes on with it: 3.14.
  EXPECT_EQ(cut_at_sentence("So. Pi is 3.14 here", TextKind::prose, 12), 3U);
}

}  // namespace
}  // namespace callslip
