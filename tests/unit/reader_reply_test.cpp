#include "tools/reader_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace callslip {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ReaderReply, SaysNoneInManyWays) {
  for (const char* reply : {
           "None",
           "none.",
           "**None**",
           "\"None\"",
           " NONE \n",
           "N/A",
           "нет",
           "Нет.",
           "无",
           "无。",
           "没有",
           "なし",
           "[]",
           "{}",
           "null",
           "\"\"",
           "{\"sentences\": []}",
           "{\"relevant\": false}",
           "{\"answer\": \"None\"}",
           "[\"None\"]",
           "```\nNone\n```",
           "```json\n[]\n```",
           "- None",
           "<think>The passage is about cats.</think>\nNone",
           "thinking here</think>None",
           "{\"relevant\": null, \"reason\": \"it is about cats\"}",
       }) {
    const ReaderReply parsed = parse_reader_reply(reply);
    EXPECT_TRUE(parsed.says_none) << reply;
    EXPECT_THAT(parsed.quotes, IsEmpty()) << reply;
  }
  for (const char* reply : {"There are no relevant sentences in the passage.",
                            "None of the sentences help.", "The passage does not mention it.",
                            "None.\nThe passage is about cats.", "No relevant sentences."}) {
    EXPECT_TRUE(parse_reader_reply(reply).says_none) << reply;
  }
}

TEST(ReaderReply, QuotesAreLinesOrStrings) {
  const auto both = ElementsAre("One is here.", "Two is there.");
  EXPECT_THAT(parse_reader_reply("One is here.\n\nTwo is there.\n").quotes, both);
  EXPECT_THAT(parse_reader_reply("<think>a\nb</think>\nOne is here.\r\nTwo is there.").quotes,
              both);
  EXPECT_THAT(parse_reader_reply("```text\nOne is here.\nTwo is there.\n```").quotes, both);
  EXPECT_THAT(parse_reader_reply(R"(["One is here.", "Two is there."])").quotes, both);
  EXPECT_THAT(parse_reader_reply("```json\n[\"One is here.\",\n\"Two is there.\"]\n```").quotes,
              both);
  EXPECT_THAT(
      parse_reader_reply(
          R"({"reason": "It fits.", "sentences": [{"text": "One is here."}, "Two is there."]})")
          .quotes,
      both);
  EXPECT_THAT(parse_reader_reply("\"One is here.\",\n\"Two is there.\"").quotes, both);
  EXPECT_THAT(
      parse_reader_reply("{\"sentence\": \"One is here.\"}\n{\"sentence\": \"Two is there.\"}")
          .quotes,
      both);
  EXPECT_FALSE(parse_reader_reply("One is here.").says_none);
}

TEST(ReaderReply, HoldsNothingWhenItSaysNothing) {
  for (const char* reply : {"", "  \n", "<think>never ends", "...", "```\n```", "<think></think>",
                            "?!", "***", "<|channel|>analysis<|message|>"}) {
    const ReaderReply parsed = parse_reader_reply(reply);
    EXPECT_FALSE(parsed.says_none) << reply;
    EXPECT_THAT(parsed.quotes, IsEmpty()) << reply;
  }
}

TEST(ReaderReply, ListMarksComeOff) {
  for (const char* line : {"- a b", "* a b", "\u2022 a b", "1. a b", "12) a b", "(3) a b",
                           "[4] a b", "> a b", "7: a b", "a b"}) {
    EXPECT_EQ(without_list_mark(line), "a b") << line;
  }
  for (const char* line : {"3.14 is pi", "1990 was good", "[1]", "-", "1.", "(a) b"}) {
    EXPECT_EQ(without_list_mark(line), line);
  }
}

TEST(ReaderReply, TakesAnything) {
  const std::vector<std::string> parts = {"[",  "]",   "{",       "}",        "\"",   "None",
                                          "\n", "```", "<think>", "</think>", ":",    ",",
                                          " ",  "a",   "\xFF",    "1. ",      "\\u12"};
  std::mt19937 random(5);
  for (int round = 0; round < 1000; ++round) {
    std::string reply;
    for (unsigned left = random() % 20; left > 0; --left) reply += parts[random() % parts.size()];
    parse_reader_reply(reply);
  }
  EXPECT_LE(parse_reader_reply(std::string(200000, '[')).quotes.size(), 1U);
  std::string many;
  for (int i = 0; i < 10000; ++i) many += "again and again\n";
  EXPECT_LE(parse_reader_reply(many).quotes.size(), 256U);
}

}  // namespace
}  // namespace callslip
