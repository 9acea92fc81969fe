// Reading by the calling model: it is handed every chunk, and what it says goes through the same
// ledger, location and cache as what a reader model says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "tests/support/reading_corpus.h"
#include "tests/support/tool_server.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const std::string question = "where was the heron seen?";

class CallerReading : public ::testing::Test {
 protected:
  CallerReading() { start(); }

  void start() { server_.emplace(corpus_.shelf()); }

  json begin(const std::string& asked = question, std::size_t max_tokens = 2500) {
    return server_->call("read_chunks", {{"question", asked},
                                         {"reader", "caller"},
                                         {"effort", "exhaustive"},
                                         {"max_tokens", max_tokens}});
  }

  json submit(const json& answer, const json& readings, bool finish = false,
              std::size_t max_tokens = 2500) {
    return server_->call("submit_readings", {{"cursor", answer.at("next_cursor")},
                                             {"readings", readings},
                                             {"finish", finish},
                                             {"max_tokens", max_tokens}});
  }

  static bool hands_out(const json& answer) {
    return answer.value("next", "") == "submit_readings";
  }

  /// What a good reader says of a chunk.
  json wanted_in(const json& chunk) const {
    const std::string text = with_single_spaces(chunk.at("text").get<std::string>());
    json sentences = json::array();
    for (const std::string& sentence : corpus_.wanted()) {
      if (text.find(sentence) != std::string::npos) sentences.push_back(sentence);
    }
    return {{"chunk_id", chunk.at("chunk_id")}, {"sentences", sentences}};
  }
  json wanted_in_all(const json& answer) const {
    json readings = json::array();
    for (const json& chunk : answer.at("chunks")) readings.push_back(wanted_in(chunk));
    return readings;
  }

  static std::uint64_t count(const json& answer, const char* name) {
    return answer.at("coverage").at(name);
  }
  static void expect_exact(const json& answer, std::uint64_t read) {
    EXPECT_EQ(count(answer, "read"), read);
    EXPECT_EQ(count(answer, "failed"), 0U);
    EXPECT_EQ(count(answer, "in_scope"), read + count(answer, "unread"));
  }

  /// Reads on, each chunk handed out once, until nothing is handed out any more; all evidence.
  std::set<std::string> read_all(json answer, std::set<std::string>& seen) {
    while (hands_out(answer)) {
      EXPECT_EQ(answer.at("status"), "partial");
      EXPECT_TRUE(answer.at("evidence").empty());
      for (const json& chunk : answer.at("chunks")) {
        EXPECT_TRUE(seen.insert(chunk.at("chunk_id")).second) << "handed out twice";
      }
      answer = submit(answer, wanted_in_all(answer));
    }
    EXPECT_EQ(count(answer, "unread"), 0U);
    return evidence_of(answer);
  }

  /// Of an answer and of those that its cursor brings.
  std::set<std::string> evidence_of(json answer) {
    std::set<std::string> found;
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(corpus_.sound(answer, answer.at("status") == "partial"));
      found.merge(ReadingCorpus::found(answer));
      if (answer.value("next", "") != "return_more") break;
      answer = server_->call("read_chunks", {{"cursor", answer.at("next_cursor")}});
    }
    return found;
  }

  ReadingCorpus corpus_{6};
  std::optional<ToolServer> server_;
};

TEST_F(CallerReading, EveryChunkIsHandedOutOnceAndAccountedFor) {
  std::set<std::string> seen;
  json answer = begin();
  const std::uint64_t in_scope = count(answer, "in_scope");
  EXPECT_EQ(answer.at("usage").at("reader"), "caller");
  const std::size_t first = answer.at("chunks").size();
  expect_exact(answer, 0);
  for (const json& chunk : answer.at("chunks")) seen.insert(chunk.at("chunk_id"));
  answer = submit(answer, wanted_in_all(answer));
  expect_exact(answer, first);
  const auto found = read_all(answer, seen);
  EXPECT_EQ(seen.size(), in_scope);
  EXPECT_EQ(found.size(), corpus_.wanted().size());
}

TEST_F(CallerReading, TheSameQuestionLaterIsAnsweredFromTheCache) {
  std::set<std::string> seen;
  const auto found = read_all(begin(), seen);
  start();
  const json again = begin();
  EXPECT_FALSE(hands_out(again));
  EXPECT_EQ(again.at("status"), "found");
  EXPECT_EQ(count(again, "from_cache"), count(again, "in_scope"));
  EXPECT_EQ(evidence_of(again), found);

  corpus_.change(1);
  const json changed = begin();
  ASSERT_TRUE(hands_out(changed));
  ASSERT_EQ(changed.at("chunks").size(), 1U);
  EXPECT_EQ(changed.at("chunks").at(0).at("document"), "docs/f1.txt");
  EXPECT_EQ(evidence_of(submit(changed, wanted_in_all(changed))), found);
}

TEST_F(CallerReading, AKilledServerIsNoLoss) {
  std::set<std::string> seen;
  json answer = begin();
  for (int i = 0; i < 2; ++i) {
    for (const json& chunk : answer.at("chunks")) seen.insert(chunk.at("chunk_id"));
    answer = submit(answer, wanted_in_all(answer));
    ASSERT_TRUE(hands_out(answer));
  }
  server_->kill();
  start();
  EXPECT_EQ(read_all(answer, seen).size(), corpus_.wanted().size());
  EXPECT_EQ(seen.size(), count(begin(), "in_scope"));
}

TEST_F(CallerReading, WhatIsMadeUpIsRejectedAndCounted) {
  const json answer = begin();
  json readings = wanted_in_all(answer);
  readings.at(0).at("sentences").push_back("The heron lives in a palace of green cheese.");
  readings.at(1).at("sentences").push_back("Nobody has ever written this sentence here.");
  const json end = submit(answer, readings, true);
  EXPECT_EQ(end.at("usage").at("rejected_quotes"), 2);
  EXPECT_TRUE(corpus_.sound(end, true));
  expect_exact(end, readings.size());
}

TEST_F(CallerReading, ChunksThatAreNotMentionedComeAgain) {
  const json answer = begin();
  const json readings = wanted_in_all(answer);
  ASSERT_GT(readings.size(), 3U);
  const json next = submit(answer, {readings.at(0), readings.at(2)});
  ASSERT_TRUE(hands_out(next));
  expect_exact(next, 2);
  EXPECT_EQ(next.at("chunks").at(0).at("chunk_id"), readings.at(1).at("chunk_id"));
  EXPECT_EQ(next.at("chunks").at(1).at("chunk_id"), readings.at(3).at("chunk_id"));
  const json nothing = submit(next, json::array());
  expect_exact(nothing, 2);
  EXPECT_EQ(nothing.at("chunks").at(0).at("chunk_id"), readings.at(1).at("chunk_id"));
  // The same readings sent again count once.
  const json again = submit(nothing, {readings.at(0), readings.at(1), readings.at(1)});
  expect_exact(again, 3);
}

TEST_F(CallerReading, FinishReturnsWhatIsKnown) {
  json answer = begin();
  const std::size_t handed = answer.at("chunks").size();
  const json end = submit(answer, wanted_in_all(answer), true);
  EXPECT_FALSE(hands_out(end));
  EXPECT_EQ(end.at("status"), "partial");
  expect_exact(end, handed);
  EXPECT_EQ(ReadingCorpus::found(end).size(), count(end, "relevant"));
  // It may change its mind.
  std::set<std::string> seen;
  json more = server_->call("read_chunks", {{"cursor", end.at("next_cursor")}});
  while (more.value("next", "") == "return_more") {
    more = server_->call("read_chunks", {{"cursor", more.at("next_cursor")}});
  }
  ASSERT_TRUE(hands_out(more)) << more.dump();
  read_all(more, seen);
  EXPECT_EQ(seen.size() + handed, count(end, "in_scope"));
}

TEST_F(CallerReading, MistakesAreExplained) {
  const json answer = begin();
  const auto refusal = [&](const json& cursor, const json& readings) {
    return server_->refusal("submit_readings", {{"cursor", cursor}, {"readings", readings}});
  };
  const json none = json::array();
  const json cursor = answer.at("next_cursor");
  EXPECT_THAT(refusal("r00000000000", none), HasSubstr("cursor"));
  EXPECT_THAT(refusal("../../etc/passwd", none), HasSubstr("cursor"));
  EXPECT_THAT(refusal("", none), HasSubstr("cursor"));
  EXPECT_THAT(refusal(cursor, {{{"chunk_id", "nonsense"}, {"sentences", none}}}),
              HasSubstr("readings"));
  EXPECT_THAT(refusal(cursor, {{{"chunk_id", "aaaaaaaaaaaaa:99"}, {"sentences", none}}}),
              HasSubstr("readings"));
  EXPECT_THAT(refusal(cursor, {{{"sentences", none}}}), HasSubstr("chunk_id"));
  EXPECT_THAT(refusal(cursor, {{{"chunk_id", answer.at("chunks").at(0).at("chunk_id")},
                                {"sentence", "A misspelt name must not pass for none."}}}),
              HasSubstr("sentence"));
  EXPECT_THAT(refusal(cursor, "all of them"), HasSubstr("readings"));
  EXPECT_THAT(server_->refusal("submit_readings", {{"cursor", cursor}}), HasSubstr("readings"));
  // A read that the server does itself takes no readings.
  const json own = server_->call("read_chunks", {{"question", "heron"}, {"effort", "quick"}});
  EXPECT_THAT(refusal(own.at("next_cursor"), none), HasSubstr("reader: \"caller\""));
  // None of it has harmed the read.
  std::set<std::string> seen;
  EXPECT_EQ(read_all(begin(), seen).size(), corpus_.wanted().size());
}

TEST_F(CallerReading, AReadingOfAnotherScopeIsRefused) {
  const json one = server_->call(
      "read_chunks", {{"question", question}, {"reader", "caller"}, {"documents", {"docs/f0.md"}}});
  const json other =
      server_->call("read_chunks",
                    {{"question", question}, {"reader", "caller"}, {"documents", {"docs/f1.txt"}}});
  EXPECT_THAT(server_->refusal("submit_readings", {{"cursor", one.at("next_cursor")},
                                                   {"readings", wanted_in_all(other)}}),
              HasSubstr("not among the chunks of this read"));
}

TEST_F(CallerReading, AFileThatChangesMeanwhileIsReadAsItIsNow) {
  json answer = begin();
  const json readings = wanted_in_all(answer);
  answer = submit(answer, readings);
  corpus_.change(0);
  corpus_.change(1);
  std::set<std::string> seen;
  std::set<std::string> found;
  while (hands_out(answer)) {
    EXPECT_EQ(count(answer, "in_scope"),
              count(answer, "read") + count(answer, "failed") + count(answer, "unread"));
    answer = submit(answer, wanted_in_all(answer));
  }
  EXPECT_EQ(evidence_of(answer).size(), corpus_.wanted().size());
}

TEST_F(CallerReading, ABudgetTooSmallForAChunkIsSaid) {
  EXPECT_THAT(server_->refusal("read_chunks",
                               {{"question", question}, {"reader", "caller"}, {"max_tokens", 64}}),
              HasSubstr("max_tokens"));
}

}  // namespace
}  // namespace callslip::testing_support
