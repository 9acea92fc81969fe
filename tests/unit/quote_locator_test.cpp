#include "tools/quote_locator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "index/text/sentences.h"

namespace callslip {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> located(const std::string& passage, const std::string& quote,
                                 TextKind kind = TextKind::prose) {
  const std::vector<ByteSpan> sentences = split_sentences(passage, kind);
  std::vector<std::string> found;
  for (const ByteSpan span : QuoteLocator(passage, sentences).locate(quote).sentences) {
    found.push_back(passage.substr(span.start, span.end - span.start));
  }
  return found;
}

const char* const passage =
    "The \u201CVault\u201D opens at nine \u2014 not before. It holds **three keys**, e.g. the\n"
    "red one. Nobody knows why\u2026 The exam-\nple was lost in 1990. Yes. The \uFB01fth key is "
    "green.";

TEST(QuoteLocator, FindsExactQuotesAsWholeSentences) {
  EXPECT_THAT(located(passage, "Nobody knows why\u2026"), ElementsAre("Nobody knows why\u2026"));
  EXPECT_THAT(located(passage, "three keys**, e.g. the\nred"),
              ElementsAre("It holds **three keys**, e.g. the\nred one."));
}

TEST(QuoteLocator, FindsQuotesThatDifferInMarksWidthCaseAndSpace) {
  const auto vault = ElementsAre("The \u201CVault\u201D opens at nine \u2014 not before.");
  EXPECT_THAT(located(passage, "The \"Vault\" opens at nine - not before."), vault);
  EXPECT_THAT(located(passage, "\"the 'vault' OPENS  at\tnine -- not before\""), vault);
  EXPECT_THAT(located(passage, "\uFF34\uFF28\uFF25 vault opens at nine - not"), vault);
  EXPECT_THAT(located(passage, "It holds three keys, e.g. the red one."),
              ElementsAre("It holds **three keys**, e.g. the\nred one."));
  EXPECT_THAT(located(passage, "The fifth key is green"),
              ElementsAre("The \uFB01fth key is green."));
  EXPECT_THAT(located("Caf\u00E9 au lait tastes good.", "cafe\u0301 au lait tastes good"),
              ElementsAre("Caf\u00E9 au lait tastes good."));
}

TEST(QuoteLocator, FindsProseAcrossHyphensAndLostSpaces) {
  EXPECT_THAT(located(passage, "The example was lost in 1990."),
              ElementsAre("The exam-\nple was lost in 1990."));
  EXPECT_THAT(located("在 2014年，编制了数据。", "在2014年编制了数据"),
              ElementsAre("在 2014年，编制了数据。"));
}

TEST(QuoteLocator, CoversSeveralSentences) {
  EXPECT_THAT(located(passage, "Nobody knows why... The example was lost"),
              ElementsAre("Nobody knows why\u2026", "The exam-\nple was lost in 1990."));
}

TEST(QuoteLocator, SplitsQuotesAtOmissions) {
  for (const char* mark : {"...", "\u2026", " [...] ", " [\u2026] ", "(...)"}) {
    const std::string quote =
        std::string("The Vault opens at nine") + mark + "the fifth key is green.";
    EXPECT_THAT(located(passage, quote),
                ElementsAre("The \u201CVault\u201D opens at nine \u2014 not before.",
                            "The \uFB01fth key is green."));
  }
  EXPECT_THAT(located(passage, "...opens at nine - not before..."),
              ElementsAre("The \u201CVault\u201D opens at nine \u2014 not before."));
}

TEST(QuoteLocator, SplitsQuotesOfSentencesThatDoNotFollowEachOther) {
  const std::vector<ByteSpan> sentences = split_sentences(passage, TextKind::prose);
  const QuoteMatch match =
      QuoteLocator(passage, sentences)
          .locate("The fifth key is green. It was never seen. Nobody knows why\u2026");
  EXPECT_EQ(match.sentences.size(), 2U);
  EXPECT_EQ(match.rejected, 1U);
}

TEST(QuoteLocator, LooksForTheSentencesBetweenOmissions) {
  EXPECT_THAT(quote_parts("- The red key. It was ... sold [...] in June? ..."),
              ElementsAre("- The red key.", "It was", "sold", "in June?"));
  EXPECT_THAT(quote_parts("... ?"), IsEmpty());
}

TEST(QuoteLocator, RejectsWhatIsNotThere) {
  const std::vector<ByteSpan> sentences = split_sentences(passage, TextKind::prose);
  for (const char* quote :
       {"The Vault opens at ten - not before.", "Some other words entirely here.",
        "A made up line. And another one that is.", "not a word ... is there now"}) {
    const QuoteMatch match = QuoteLocator(passage, sentences).locate(quote);
    EXPECT_THAT(match.sentences, IsEmpty()) << quote;
    EXPECT_EQ(match.rejected, 1U) << quote;
  }
}

TEST(QuoteLocator, RejectsQuotesTooShortToMeanAnything) {
  for (const char* quote : {"", " ", "the", "keys", "red one", "a", ".", "...", "**", "in 1990"}) {
    EXPECT_THAT(located(passage, quote), IsEmpty()) << quote;
  }
  // A whole sentence may be short, but not so short.
  EXPECT_THAT(located("Go home now! Why not? Yes.", "Why not?"), ElementsAre("Why not?"));
  EXPECT_THAT(located("Go home now! Why not? Yes.", "Yes."), IsEmpty());
}

TEST(QuoteLocator, TellsLinesOfCodeApartByTheirMarks) {
  const std::string code = "if (a == b) {\n  *total += 1;\n  total += 1;\n}\nreturn x;\n";
  EXPECT_THAT(located(code, "if (a != b) {", TextKind::code), IsEmpty());
  EXPECT_THAT(located(code, "total += 1;\n}", TextKind::code), ElementsAre("total += 1;"));
  EXPECT_THAT(located(code, "*total += 1;", TextKind::code), ElementsAre("*total += 1;"));
  EXPECT_THAT(located(code, "`return x;`", TextKind::code), ElementsAre("return x;"));
  EXPECT_THAT(located(code, "}", TextKind::code), IsEmpty());
}

TEST(QuoteLocator, ReturnsOnlySentencesItWasGiven) {
  const std::vector<std::string> parts = {"...",    "The ",   "key ", "\u2026", ".", " ",
                                          "\u201C", "Vault ", "\n",   "[",      "]", "nine ",
                                          "*",      "\xE2",   "字",   "opens "};
  std::mt19937 random(3);
  const std::string text = std::string(passage) + " 字字字。字字 key Vault nine.";
  const std::vector<ByteSpan> sentences = split_sentences(text, TextKind::prose);
  const QuoteLocator locator(text, sentences);
  for (int round = 0; round < 3000; ++round) {
    std::string quote;
    for (unsigned left = random() % 12; left > 0; --left) quote += parts[random() % parts.size()];
    std::size_t last = 0;
    for (const ByteSpan span : locator.locate(quote).sentences) {
      EXPECT_THAT(sentences, testing::Contains(span));
      EXPECT_GE(span.start, last);
      last = span.end;
    }
  }
}

}  // namespace
}  // namespace callslip
