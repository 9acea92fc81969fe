#include "tools/pack_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace callslip {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = Verdict::Kind;

Passage passage_with(std::string text, TextKind kind = TextKind::prose) {
  Passage passage;
  passage.text = std::move(text);
  passage.kind = kind;
  return passage;
}

const std::vector<Passage> houses = {
    passage_with("The red key opens the vault. It rained all day. Go home now!"),
    passage_with("Nobody has seen the blue key since May. It rained all day."),
    passage_with("The attic is empty. The green key is a fake. Yes."),
};

PackVerdicts judged(const std::string& reply, const std::vector<Passage>& passages = houses) {
  return judge_pack(passages, parse_pack_reply(reply, passages.size()));
}

std::vector<std::string> texts(const PackVerdicts& verdicts, std::size_t i,
                               const std::vector<Passage>& passages = houses) {
  std::vector<std::string> found;
  if (!verdicts.by_passage.at(i)) return {"no verdict"};
  for (const ByteSpan span : verdicts.by_passage[i]->sentences) {
    found.push_back(passages[i].text.substr(span.start, span.end - span.start));
  }
  return found;
}

TEST(PackJudge, FindsQuotesInTheirOwnPassage) {
  // "It rained all day." stands in two of them.
  const PackVerdicts verdicts = judged(
      R"({"1": [], "2": ["It rained all day.", "Nobody has seen the blue key since May"], "3": []})");
  EXPECT_EQ(verdicts.by_passage[0]->kind, Kind::none);
  EXPECT_EQ(verdicts.by_passage[1]->kind, Kind::relevant);
  EXPECT_THAT(texts(verdicts, 1),
              ElementsAre("Nobody has seen the blue key since May.", "It rained all day."));
  EXPECT_EQ(verdicts.by_passage[2]->kind, Kind::none);
  EXPECT_EQ(verdicts.rejected_quotes, 0U);
  EXPECT_EQ(verdicts.by_passage[1]->rejected_quotes, 0U);
}

TEST(PackJudge, FindsAQuoteUnderAWrongNumberWhereItStands) {
  const PackVerdicts verdicts = judged(R"({"1": ["The green key is a fake."], "2": [], "3": []})");
  EXPECT_EQ(verdicts.by_passage[0]->kind, Kind::none);
  EXPECT_EQ(verdicts.by_passage[0]->rejected_quotes, 0U);
  EXPECT_THAT(texts(verdicts, 2), ElementsAre("The green key is a fake."));
  // Of a number that no passage has, likewise.
  EXPECT_THAT(texts(judged(R"({"1": [], "2": [], "9": ["The attic is empty."]})"), 2),
              ElementsAre("The attic is empty."));
}

TEST(PackJudge, GivesNoVerdictOnAPassageThatIsLeftOut) {
  const PackVerdicts verdicts = judged(R"({"1": [], "3": ["The attic is empty."]})");
  EXPECT_TRUE(verdicts.by_passage[0].has_value());
  EXPECT_FALSE(verdicts.by_passage[1].has_value());
  EXPECT_TRUE(verdicts.by_passage[2].has_value());
}

TEST(PackJudge, GivesNoVerdictWhereAReplyWithoutNumbersIsMadeUp) {
  for (const char* reply : {"The purple key is under the mat.", "", "I cannot help with that.",
                            "The purple key.\nThe mat is old, too."}) {
    const PackVerdicts verdicts = judged(reply);
    for (std::size_t i = 0; i < houses.size(); ++i) {
      EXPECT_FALSE(verdicts.by_passage[i].has_value()) << reply;
    }
  }
  EXPECT_EQ(judged("The purple key is under the mat.").rejected_quotes, 1U);
}

TEST(PackJudge, RejectsWhatIsMadeUpOfANumberedPassage) {
  const PackVerdicts verdicts = judged(
      R"({"1": ["The purple key is under the mat."],
          "2": ["Nobody has seen the blue key since May.", "It was sold in June."], "3": []})");
  EXPECT_EQ(verdicts.by_passage[0]->kind, Kind::none);
  EXPECT_EQ(verdicts.by_passage[0]->rejected_quotes, 1U);
  EXPECT_EQ(verdicts.by_passage[1]->kind, Kind::relevant);
  EXPECT_EQ(verdicts.by_passage[1]->rejected_quotes, 1U);
  EXPECT_THAT(texts(verdicts, 1), ElementsAre("Nobody has seen the blue key since May."));
  EXPECT_EQ(verdicts.by_passage[2]->rejected_quotes, 0U);
}

TEST(PackJudge, LocatesBareSentencesInThePassageThatHoldsEach) {
  const PackVerdicts verdicts =
      judged("- The attic is empty.\n- the red key opens\n- The purple key is lost.");
  EXPECT_THAT(texts(verdicts, 0), ElementsAre("The red key opens the vault."));
  // It spoke of the pack as a whole: the others hold nothing.
  EXPECT_THAT(texts(verdicts, 1), IsEmpty());
  EXPECT_EQ(verdicts.by_passage[1]->kind, Kind::none);
  EXPECT_THAT(texts(verdicts, 2), ElementsAre("The attic is empty."));
  EXPECT_EQ(verdicts.rejected_quotes, 1U);
}

TEST(PackJudge, PrefersThePassageThatHoldsTheExactWords) {
  const std::vector<Passage> passages = {passage_with("THE RED KEY IS HERE. Nothing else is."),
                                         passage_with("The red key is here. Nothing else is.")};
  const PackVerdicts verdicts = judged("The red key is here.", passages);
  EXPECT_THAT(texts(verdicts, 0, passages), IsEmpty());
  EXPECT_THAT(texts(verdicts, 1, passages), ElementsAre("The red key is here."));
}

TEST(PackJudge, TakesNoneForAllPassages) {
  for (const char* reply :
       {"None", "none.", "无", "[]", "None. The passages are about the weather in Scotland."}) {
    const PackVerdicts verdicts = judged(reply);
    for (const auto& verdict : verdicts.by_passage) {
      ASSERT_TRUE(verdict.has_value()) << reply;
      EXPECT_EQ(verdict->kind, Kind::none) << reply;
      EXPECT_EQ(verdict->rejected_quotes, 0U) << reply;
    }
    EXPECT_EQ(verdicts.rejected_quotes, 0U) << reply;
  }
}

TEST(PackJudge, CountsNoReasonsBesideNoneAsQuotes) {
  const PackVerdicts verdicts =
      judged(R"({"1": ["None", "It is all about the weather."], "2": "None.", "3": []})");
  EXPECT_EQ(verdicts.by_passage[0]->kind, Kind::none);
  EXPECT_EQ(verdicts.by_passage[0]->rejected_quotes, 0U);
}

TEST(PackJudge, DoesNotRejectTrueQuotesThatAreTooShortToBeEvidence) {
  const PackVerdicts verdicts = judged(R"({"1": ["red key"], "2": ["May"], "3": ["Yes."]})");
  for (const auto& verdict : verdicts.by_passage) {
    EXPECT_EQ(verdict->kind, Kind::none);
    EXPECT_EQ(verdict->rejected_quotes, 0U);
  }
  EXPECT_EQ(judged(R"({"1": ["Oh no"], "2": [], "3": []})").by_passage[0]->rejected_quotes, 1U);
}

TEST(PackJudge, TakesASentenceOnceHoweverOftenItIsQuoted) {
  const PackVerdicts verdicts = judged(
      R"({"1": ["The red key opens the vault.", "red key opens the vault",
                "The red key opens the vault. It rained all day."], "2": [], "3": []})");
  EXPECT_THAT(texts(verdicts, 0),
              ElementsAre("The red key opens the vault.", "It rained all day."));
}

TEST(PackJudge, TakesOffListMarksThatAreNotTheDocuments) {
  EXPECT_THAT(texts(judged("1. Nobody has seen the blue key since May."), 1),
              ElementsAre("Nobody has seen the blue key since May."));
}

TEST(PackJudge, TakesLinesOfCode) {
  const std::vector<Passage> code = {
      passage_with("int f(int a) {\n  return g(a);\n}\n", TextKind::code),
      passage_with("int h(int a) {\n  return g(a + 1);\n}\n", TextKind::code)};
  const PackVerdicts verdicts =
      judged(R"({"1": ["int f(int a) {\n  return g(a);"], "2": ["return g(a - 1);"]})", code);
  EXPECT_THAT(texts(verdicts, 0, code), ElementsAre("int f(int a) {", "return g(a);"));
  EXPECT_EQ(verdicts.by_passage[1]->kind, Kind::none);
  EXPECT_EQ(verdicts.by_passage[1]->rejected_quotes, 1U);
}

std::vector<Passage> many_passages(std::size_t count) {
  std::vector<Passage> passages;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    passages.push_back(passage_with("The key of house " + number + " is red. It rained on day " +
                                    number + " of all days."));
  }
  return passages;
}

std::string many_quotes(std::size_t count, const std::string& words) {
  std::string quotes;
  for (std::size_t i = 0; i < count; ++i) {
    quotes += (i > 0 ? ", \"" : "\"") + words + " " + std::to_string(i) + " ... was sold.\"";
  }
  return quotes;
}

TEST(PackJudge, SearchesForWhatIsMadeUpNowhere) {
  const std::vector<Passage> passages = many_passages(64);
  const std::string quotes = many_quotes(40, "The purple key of the attic");
  const PackVerdicts keyed = judged(R"({"1": [], "2": [)" + quotes + "]}", passages);
  EXPECT_EQ(keyed.searches, 0U);
  EXPECT_EQ(keyed.by_passage[1]->rejected_quotes, 40U);
  const PackVerdicts loose = judged("[" + quotes + "]", passages);
  EXPECT_EQ(loose.searches, 0U);
  EXPECT_EQ(loose.rejected_quotes, 40U);
}

TEST(PackJudge, BoundsTheSearchesForWhatIsHalfTrueEverywhere) {
  const std::vector<Passage> passages = many_passages(64);
  const std::string quotes = many_quotes(250, "house");
  const PackVerdicts loose = judged("[" + quotes + "]", passages);
  EXPECT_LE(loose.searches, 4U * 64);
  EXPECT_EQ(loose.rejected_quotes, 250U);
  std::string all;
  for (std::size_t i = 1; i <= 64; ++i) {
    all += (i > 1 ? ", \"" : "{\"") + std::to_string(i) + "\": [" + quotes + "]";
  }
  const PackVerdicts keyed = judged(all + "}", passages);
  EXPECT_LE(keyed.searches, 64U * 64 + 4U * 64);
  EXPECT_EQ(keyed.by_passage[63]->rejected_quotes, 250U);
}

TEST(PackJudge, FindsEveryTrueQuoteOfAFullPack) {
  const std::vector<Passage> passages = many_passages(256);
  std::string reply;
  for (std::size_t i = 0; i < passages.size(); ++i) {
    const std::string number = std::to_string(i);
    reply += (i > 0 ? ", \"" : "{\"") + std::to_string(i + 1) + "\": [\"The key of house " +
             number + " is red.\", \"It rained on day " + number + " of all days.\"]";
  }
  const PackVerdicts verdicts = judged(reply + "}", passages);
  EXPECT_EQ(verdicts.searches, 512U);
  for (const auto& verdict : verdicts.by_passage) EXPECT_EQ(verdict->sentences.size(), 2U);
}

TEST(PackJudge, JudgesQuotesThatAreSaidToBeOfOnePassage) {
  const std::vector<std::string> quotes = {"It rained all day", "The green key is a fake."};
  const Verdict verdict = judge_quotes(houses[0], quotes);
  EXPECT_EQ(verdict.kind, Kind::relevant);
  EXPECT_EQ(verdict.sentences.size(), 1U);
  EXPECT_EQ(verdict.rejected_quotes, 1U);
  EXPECT_EQ(judge_quotes(houses[0], {}).kind, Kind::none);
}

}  // namespace
}  // namespace callslip
