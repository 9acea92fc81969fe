#include "tools/pack_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace callslip {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Of three passages: the first has nothing, the second these sentences, the third nothing.
void expect_two_of_second(const std::string& text) {
  const PackReply reply = parse_pack_reply(text, 3);
  ASSERT_EQ(reply.by_passage.size(), 3U) << text;
  for (const std::size_t i : {0U, 2U}) {
    ASSERT_TRUE(reply.by_passage[i].has_value()) << text;
    EXPECT_TRUE(reply.by_passage[i]->says_none) << text;
    EXPECT_THAT(reply.by_passage[i]->quotes, IsEmpty()) << text;
  }
  ASSERT_TRUE(reply.by_passage[1].has_value()) << text;
  EXPECT_FALSE(reply.by_passage[1]->says_none) << text;
  EXPECT_THAT(reply.by_passage[1]->quotes, ElementsAre("One is here.", "Two is there.")) << text;
  EXPECT_THAT(reply.loose.quotes, IsEmpty()) << text;
  EXPECT_FALSE(reply.loose.says_none) << text;
}

const std::string plain = R"({"1": [], "2": ["One is here.", "Two is there."], "3": []})";

TEST(PackReply, IsAnObjectByNumber) {
  expect_two_of_second(plain);
  expect_two_of_second(R"({"1": null, "2": ["One is here.", "Two is there."], "3": "None"})");
  expect_two_of_second(R"({"3": "", "2": ["One is here.", "Two is there."], "1": false})");
  expect_two_of_second(R"({"1": ["none"], "2": [{"text": "One is here."}, "Two is there."],
                           "3": {"sentences": []}})");
}

TEST(PackReply, TakesKeysWithWordsAroundTheNumber) {
  for (const char* form : {"passage N", "Passage N", "passage_N", "[N]", "#N", "N.", "chunk-N"}) {
    std::string text = plain;
    for (const char number : {'1', '2', '3'}) {
      std::string key = form;
      key[key.find('N')] = number;
      text.replace(text.find(std::string("\"") + number + "\""), 3, "\"" + key + "\"");
    }
    expect_two_of_second(text);
  }
}

TEST(PackReply, IsAListOfObjectsWithNumbers) {
  for (const std::string name : {"passage", "id", "number", "index", "passage_id"}) {
    for (const bool quoted : {false, true}) {
      const auto key = [&](const std::string& number) {
        return "{\"" + name + "\": " + (quoted ? "\"" + number + "\"" : number);
      };
      expect_two_of_second("[" + key("1") + ", \"sentences\": []}, " + key("2") +
                           ", \"sentences\": [\"One is here.\", \"Two is there.\"]}, " + key("3") +
                           ", \"relevant\": false}]");
    }
  }
}

TEST(PackReply, IsInsideAnotherObject) {
  expect_two_of_second("{\"passages\": " + plain + "}");
  expect_two_of_second("{\"result\": {\"reason\": \"I looked.\", \"verdicts\": " + plain + "}}");
  expect_two_of_second(R"({"results": [{"id": 1, "quotes": []}, {"id": 2, "quotes":
                           ["One is here.", "Two is there."]}, {"id": 3, "quotes": []}]})");
}

TEST(PackReply, MayHaveCommentsBesideTheNumbers) {
  expect_two_of_second(R"({"reasoning": "Two fits.", )" + plain.substr(1));
  expect_two_of_second(plain.substr(0, plain.size() - 1) + R"(, "note": ["Only two fits."]})");
}

TEST(PackReply, MayStandInFencesProseAndBehindThinking) {
  expect_two_of_second("```json\n" + plain + "\n```");
  expect_two_of_second("```\n" + plain + "\n```\nThat is all.");
  expect_two_of_second("Here is the JSON object:\n\n" + plain + "\n\nI hope that it helps!");
  expect_two_of_second("<think>{\"1\": [\"no\"]}? Hm.</think>\n" + plain);
  expect_two_of_second("so {it} is</think>" + plain);
  expect_two_of_second("<|channel|>analysis<|message|>[1] no<|channel|>final<|message|>" + plain);
  expect_two_of_second("Of the passages [1] to [3] only [2] helps:\n" + plain);
  expect_two_of_second(plain + "\n(The sentences are those of [2].)");
}

TEST(PackReply, MayQuoteTagsOfThinking) {
  const PackReply reply =
      parse_pack_reply(R"({"1": ["The <think> tag opens it."], "2": ["</think> closes it."]})", 2);
  ASSERT_TRUE(reply.keyed());
  EXPECT_THAT(reply.by_passage[0]->quotes, ElementsAre("The <think> tag opens it."));
  EXPECT_THAT(reply.by_passage[1]->quotes, ElementsAre("</think> closes it."));
}

TEST(PackReply, LeavesOutWhatItDoesNotName) {
  const PackReply reply = parse_pack_reply(R"({"2": ["One is here."]})", 3);
  ASSERT_EQ(reply.by_passage.size(), 3U);
  EXPECT_FALSE(reply.by_passage[0].has_value());
  EXPECT_THAT(reply.by_passage[1]->quotes, ElementsAre("One is here."));
  EXPECT_FALSE(reply.by_passage[2].has_value());
  EXPECT_FALSE(reply.loose.says_none);
}

TEST(PackReply, SpeaksOfOnePassageWhereItIsOneObjectWithANumber) {
  const PackReply reply = parse_pack_reply(R"({"passage": 2, "sentences": []})", 3);
  ASSERT_EQ(reply.by_passage.size(), 3U);
  EXPECT_FALSE(reply.by_passage[0].has_value());
  EXPECT_TRUE(reply.by_passage[1]->says_none);
  EXPECT_FALSE(reply.by_passage[2].has_value());
}

TEST(PackReply, KeepsTheQuotesOfANumberThatNoPassageHas) {
  const PackReply reply = parse_pack_reply(R"({"1": [], "7": ["One is here."], "0": []})", 2);
  ASSERT_EQ(reply.by_passage.size(), 2U);
  EXPECT_TRUE(reply.by_passage[0]->says_none);
  EXPECT_FALSE(reply.by_passage[1].has_value());
  EXPECT_THAT(reply.loose.quotes, ElementsAre("One is here."));
}

TEST(PackReply, GathersWhatIsSaidOfAPassageTwice) {
  const PackReply reply =
      parse_pack_reply(R"([{"id": 1, "text": "One is here."}, {"id": 1, "text": "Two."}])", 1);
  ASSERT_TRUE(reply.keyed());
  EXPECT_THAT(reply.by_passage[0]->quotes, ElementsAre("One is here.", "Two."));
}

TEST(PackReply, SaysNoneOfAll) {
  for (const char* text :
       {"None", "none.", "无", "нет", "Нет.", "[]", "null", "**None**", "```json\n[]\n```",
        "<think>Hm [1]</think>None", "None of the passages help.", R"({"sentences": []})"}) {
    const PackReply reply = parse_pack_reply(text, 3);
    EXPECT_FALSE(reply.keyed()) << text;
    EXPECT_TRUE(reply.loose.says_none) << text;
  }
}

TEST(PackReply, GivesNothingOfAPassageThatIsOnlyMarked) {
  const PackReply reply = parse_pack_reply(R"({"1": true, "2": false, "3": 0.9, "4": 0})", 4);
  ASSERT_TRUE(reply.keyed());
  EXPECT_FALSE(reply.by_passage[0].has_value());
  EXPECT_TRUE(reply.by_passage[1]->says_none);
  EXPECT_FALSE(reply.by_passage[2].has_value());
  EXPECT_TRUE(reply.by_passage[3]->says_none);
}

TEST(PackReply, MayBeBareSentences) {
  for (const char* text :
       {"One is here.\nTwo is there.", R"(["One is here.", "Two is there."])",
        R"({"sentences": ["One is here.", "Two is there."]})",
        "<think>[1]</think>\"One is here.\"\n\"Two is there.\"", R"([["One is here."], [],
        ["Two is there."]])"}) {
    const PackReply reply = parse_pack_reply(text, 3);
    EXPECT_FALSE(reply.keyed()) << text;
    EXPECT_THAT(reply.loose.quotes, ElementsAre("One is here.", "Two is there.")) << text;
  }
}

TEST(PackReply, SaysNothingWhereItIsEmptyOrOnlyThought) {
  for (const char* text : {"", " \n", "<think>it is 2, so {\"2\": [", "...", "```\n```"}) {
    const PackReply reply = parse_pack_reply(text, 3);
    EXPECT_FALSE(reply.keyed()) << text;
    EXPECT_FALSE(reply.loose.says_none) << text;
    EXPECT_THAT(reply.loose.quotes, IsEmpty()) << text;
  }
}

TEST(PackReply, BrokenJsonNamesNoPassage) {
  // What it says of some cannot be told from what it says of others, and none of it is "None".
  for (const char* text : {R"({"1": [], "2": ["One is here.)", R"({"1": [], "2": )",
                           R"({"1": ["One "is" here."], "2": []})", R"({1: [], 2: [oops]})"}) {
    const PackReply reply = parse_pack_reply(text, 2);
    EXPECT_FALSE(reply.keyed()) << text;
    EXPECT_FALSE(reply.loose.says_none) << text;
  }
}

TEST(PackReply, TakesAnything) {
  const std::vector<std::string> parts = {
      "{",        "}",       "[",  "]",  "\"",      ":",        ",",    "1",
      "\"2\": [", "7",       "id", "\n", "<think>", "</think>", "None", "\"id\":1",
      "\xFF",     "\\ud800", "a",  " ",  "1e9",     "```"};
  std::mt19937 random(11);
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (unsigned left = random() % 24; left > 0; --left) text += parts[random() % parts.size()];
    const PackReply reply = parse_pack_reply(text, 2);
    EXPECT_TRUE(!reply.keyed() || reply.by_passage.size() == 2) << text;
  }
  parse_pack_reply(std::string(100000, '[') + std::string(100000, ']'), 2);
  std::string deep = R"("x")";
  for (int i = 0; i < 2000; ++i) deep = "{\"1\": " + deep + "}";
  parse_pack_reply(deep, 2);
}

}  // namespace
}  // namespace callslip
