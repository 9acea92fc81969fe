// Reading by a model that fails in every way, a little and a lot: each chunk is accounted for,
// nothing is invented, nothing that was read is lost, and asking again reads what failed and
// nothing else.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <thread>

#include "tests/support/reading_corpus.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;

constexpr double few = 0.01;
constexpr double some = 0.1;
constexpr double half = 0.5;

/// One corpus, and where its wanted sentences stand, for all tests of the process.
class ReadingFaults : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    corpus_ = std::make_unique<ReadingCorpus>();
    const OracleProcess oracle(corpus_->wanted(), {});
    const json answer = read("where was the heron seen?", oracle);
    ASSERT_TRUE(answer.is_object());
    ASSERT_TRUE(corpus_->found_all(answer)) << answer.at("coverage");
    ASSERT_EQ(answer.at("status"), "found");
    ASSERT_GT(oracle.count("calls"), 60U);
    chunks_ = ReadingCorpus::chunks_by_sentence(answer);
  }
  static void TearDownTestSuite() { corpus_.reset(); }

  static json read(const std::string& question, const OracleProcess& oracle,
                   const std::vector<std::string>& more = {}, const std::string& context = "1024") {
    std::vector<std::string> flags = ReadingCorpus::model(oracle.url(), context);
    flags.insert(flags.end(), more.begin(), more.end());
    return corpus_->read(question, flags);
  }

  /// Every wanted sentence of a chunk that was read is there.
  static void expect_nothing_lost(const json& answer) {
    const json& coverage = answer.at("coverage");
    EXPECT_EQ(coverage.at("unread"), 0);
    std::set<std::string> failed;
    for (const json& failure : coverage.at("failures")) failed.insert(failure.at("chunk_id"));
    if (coverage.at("failed") != failed.size()) return;  // not all are named
    const auto found = ReadingCorpus::found(answer);
    for (const auto& [sentence, chunk] : chunks_) {
      EXPECT_TRUE(found.contains(sentence) || failed.contains(chunk)) << "lost: " << sentence;
    }
  }

  struct Fault {
    std::string knob;
    std::vector<std::string> flags = {};   // of the reader
    std::vector<std::string> knobs = {};   // further ones
    bool retries_mend = true;              // a call that is made again
    std::string context_of_half = "1024";  // larger packs where waiting takes long
  };

  /// The fault at a rate; then the same question without it.
  static void expect_mended(const Fault& fault, double rate) {
    const std::string percent = std::to_string(std::lround(rate * 100));
    SCOPED_TRACE(fault.knob + " at " + percent + " %");
    std::vector<std::string> knobs = fault.knobs;
    knobs.insert(knobs.end(), {"--latency", "2", "--" + fault.knob, std::to_string(rate)});
    const OracleProcess oracle(corpus_->wanted(), knobs);
    const std::string question = "who saw the heron? " + fault.knob + percent;
    const std::string context = rate == half ? fault.context_of_half : "1024";
    std::vector<std::string> flags = ReadingCorpus::model(oracle.url(), context);
    flags.insert(flags.end(), fault.flags.begin(), fault.flags.end());
    json answer = corpus_->read(question, flags);
    ASSERT_TRUE(answer.is_object());
    const json stats = oracle.stats();
    expect_nothing_lost(answer);
    EXPECT_EQ(answer.at("usage").at("calls"), stats.at("calls"));
    if (fault.knob != "nonsense") {
      EXPECT_EQ(answer.at("usage").at("rejected_quotes"), stats.at("invented_quotes"));
    }
    const std::uint64_t in_scope = answer.at("coverage").at("in_scope");
    const std::uint64_t failed = answer.at("coverage").at("failed");
    if (rate < half) {
      EXPECT_LE(failed, fault.retries_mend ? 0 : in_scope / 10) << answer.at("coverage");
      EXPECT_TRUE(failed > 0 || corpus_->found_all(answer));
    }

    oracle.control({{fault.knob, 0}});
    answer = corpus_->read(question, ReadingCorpus::model(oracle.url(), context));
    ASSERT_TRUE(answer.is_object());
    EXPECT_TRUE(corpus_->found_all(answer)) << answer.at("coverage");
    EXPECT_EQ(answer.at("coverage").at("from_cache"), in_scope - failed);
    const json after = oracle.stats();
    EXPECT_TRUE(failed > 0 || after.at("calls") == stats.at("calls"));
    EXPECT_EQ(after.at("passages_judged"), after.at("distinct_passages")) << "paid for twice";
  }

  static void expect_mended_at_every_rate(const Fault& fault) {
    std::vector<std::jthread> threads;
    for (const double rate : {few, some, half}) {
      threads.emplace_back([&fault, rate] { expect_mended(fault, rate); });
    }
  }

  /// What the reader has to find out about an endpoint costs no chunk.
  static void expect_all_found(const json& knobs, const std::vector<std::string>& more = {},
                               const std::string& context = "1024") {
    SCOPED_TRACE(knobs.dump());
    const OracleProcess oracle(corpus_->wanted(), {});
    oracle.control(knobs);
    const json answer = read("which herons were counted? " + knobs.dump(), oracle, more, context);
    ASSERT_TRUE(answer.is_object());
    EXPECT_EQ(answer.at("status"), "found") << answer.at("coverage");
    EXPECT_TRUE(corpus_->found_all(answer));
    EXPECT_EQ(answer.at("usage").at("rejected_quotes"), 0);
    const json stats = oracle.stats();
    EXPECT_EQ(answer.at("usage").at("calls"), stats.at("calls"));
    EXPECT_EQ(stats.at("passages_judged"), stats.at("distinct_passages"));
  }

  static std::unique_ptr<ReadingCorpus> corpus_;
  static std::map<std::string, std::string> chunks_;
};

std::unique_ptr<ReadingCorpus> ReadingFaults::corpus_;
std::map<std::string, std::string> ReadingFaults::chunks_;

TEST_F(ReadingFaults, Errors) { expect_mended_at_every_rate({"error_rate"}); }

TEST_F(ReadingFaults, RateLimits) {
  expect_mended_at_every_rate({"rate_limit", {}, {"--retry-after", "1"}, true, "4096"});
}

TEST_F(ReadingFaults, Hangs) {
  expect_mended_at_every_rate(
      {"hang", {"--reader-timeout", "0.5", "--reader-concurrency", "32"}, {}, true, "2048"});
}

TEST_F(ReadingFaults, TruncatedBodies) { expect_mended_at_every_rate({"truncate"}); }

TEST_F(ReadingFaults, WrongJson) { expect_mended_at_every_rate({"wrong_json"}); }

TEST_F(ReadingFaults, Resets) { expect_mended_at_every_rate({"reset"}); }

TEST_F(ReadingFaults, SlowTrickles) {
  expect_mended_at_every_rate(
      {"trickle", {"--reader-timeout", "0.5", "--reader-concurrency", "32"}, {}, true, "2048"});
}

// A reply without a verdict is asked for once more only, so that at 10 % some chunks fail.
TEST_F(ReadingFaults, Nonsense) { expect_mended_at_every_rate({"nonsense", {}, {}, false}); }

TEST_F(ReadingFaults, Omissions) { expect_mended_at_every_rate({"omit", {}, {}, false}); }

TEST_F(ReadingFaults, Inventions) { expect_mended_at_every_rate({"invent"}); }

TEST_F(ReadingFaults, AllAtOnce) {
  const OracleProcess oracle(corpus_->wanted(), {"--latency",
                                                 "2",
                                                 "--error-rate",
                                                 "0.03",
                                                 "--rate-limit",
                                                 "0.03",
                                                 "--retry-after",
                                                 "0",
                                                 "--hang",
                                                 "0.02",
                                                 "--truncate",
                                                 "0.03",
                                                 "--wrong-json",
                                                 "0.03",
                                                 "--nonsense",
                                                 "0.03",
                                                 "--invent",
                                                 "0.05",
                                                 "--omit",
                                                 "0.05",
                                                 "--reset",
                                                 "0.03",
                                                 "--style",
                                                 "fenced",
                                                 "--window",
                                                 "900",
                                                 "--capacity",
                                                 "6",
                                                 "--no-response-format"});
  const std::string question = "which birds stood at the weir?";
  const json first = read(question, oracle, {"--reader-timeout", "1"});
  ASSERT_TRUE(first.is_object());
  expect_nothing_lost(first);
  oracle.control({{"error_rate", 0},
                  {"rate_limit", 0},
                  {"hang", 0},
                  {"truncate", 0},
                  {"wrong_json", 0},
                  {"nonsense", 0},
                  {"omit", 0},
                  {"reset", 0}});
  const json second = read(question, oracle);
  ASSERT_TRUE(second.is_object());
  EXPECT_TRUE(corpus_->found_all(second)) << second.at("coverage");
  const json stats = oracle.stats();
  EXPECT_EQ(stats.at("passages_judged"), stats.at("distinct_passages"));
}

TEST_F(ReadingFaults, EveryStyleOfReplyIsUnderstood) {
  for (const char* style : {"json-none", "fenced", "thinking", "reasoning", "lines", "quoted",
                            "none-dot", "chinese-none"}) {
    expect_all_found({{"style", style}});
    expect_all_found({{"style", style}, {"no_response_format", true}});
  }
}

TEST_F(ReadingFaults, WhatAnEndpointDoesNotTakeIsLeftOut) {
  expect_all_found({{"no_response_format", true}});
  expect_all_found({{"unsupported", {"max_tokens"}}});
  expect_all_found({{"unsupported", {"temperature"}}});
  expect_all_found({{"unsupported", {"temperature", "max_tokens"}}, {"no_response_format", true}});
}

TEST_F(ReadingFaults, PacksThatExceedTheWindowAreHalved) {
  for (const char* style : {"llama", "openai"}) {
    for (const int window : {6000, 2500, 1200}) {
      expect_all_found({{"window", window}, {"window_style", style}}, {}, "16384");
    }
  }
}

TEST_F(ReadingFaults, AWindowTooSmallForAnyChunkIsSaid) {
  const OracleProcess oracle(corpus_->wanted(), {"--window", "300"});
  const json answer = read("which herons were seen in a porthole?", oracle);
  ASSERT_TRUE(answer.is_object());
  const json& coverage = answer.at("coverage");
  EXPECT_EQ(coverage.at("failed"), coverage.at("in_scope"));
  EXPECT_THAT(coverage.at("failures").at(0).at("reason").get<std::string>(),
              ::testing::HasSubstr("context window"));
}

TEST_F(ReadingFaults, AnEndpointOfSmallCapacityIsWaitedFor) {
  expect_all_found({{"capacity", 1}, {"latency", 2}}, {"--reader-concurrency", "16"});
  expect_all_found({{"capacity", 3}, {"latency", 2}, {"retry_after", 0}},
                   {"--reader-concurrency", "64"});
}

}  // namespace
}  // namespace callslip::testing_support
