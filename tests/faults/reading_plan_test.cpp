// Plans come true: what `--plan` says that a read would take is what it takes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/reading_corpus.h"
#include "tests/support/tool_server.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;

class ReadingPlan : public ::testing::Test {
 protected:
  json run(const std::string& question, const std::vector<std::string>& more,
           const std::string& context = "1024", bool stopped = false) {
    std::vector<std::string> flags = ReadingCorpus::model(oracle_.url(), context);
    flags.insert(flags.end(), more.begin(), more.end());
    return corpus_.read(question, flags, stopped);
  }

  json plan(const std::string& question, const std::string& context = "1024") {
    const std::uint64_t calls = oracle_.count("calls");
    const json answer = run(question, {"--plan", "--reader-price", "2,8"}, context);
    EXPECT_EQ(oracle_.count("calls"), calls) << "a plan calls nobody";
    EXPECT_EQ(answer.at("coverage").at("read"), 0);
    EXPECT_EQ(answer.at("usage").at("calls"), 0);
    return answer.at("plan");
  }

  /// Within a tenth.
  static void expect_about(double planned, double real, const char* what) {
    EXPECT_GE(planned, 0.9 * real) << what;
    EXPECT_LE(planned, 1.1 * real) << what;
  }

  ReadingCorpus corpus_;
  OracleProcess oracle_{corpus_.wanted(), {}};
};

TEST_F(ReadingPlan, ItsCallsAreThoseOfTheRead) {
  for (const char* context : {"1024", "2048", "8192"}) {
    SCOPED_TRACE(context);
    const std::string question = std::string("how many herons in ") + context + "?";
    const json planned = plan(question, context);
    oracle_.reset_stats();
    const json answer = run(question, {}, context);
    expect_about(planned.at("calls"), oracle_.count("calls"), "calls");
    EXPECT_EQ(planned.at("chunks"), answer.at("coverage").at("in_scope"));
    EXPECT_EQ(planned.at("cached"), 0);
    // The oracle has a crude tokenizer of its own.
    const double tokens = planned.at("prompt_tokens");
    EXPECT_GT(tokens, 0.6 * answer.at("usage").at("prompt_tokens").get<double>());
    EXPECT_LT(tokens, 1.6 * answer.at("usage").at("prompt_tokens").get<double>());
    EXPECT_GT(planned.at("seconds"), 0);
    const double price = (2 * tokens + 8 * planned.at("completion_tokens").get<double>()) / 1e6;
    EXPECT_NEAR(planned.at("price").get<double>(), price, price / 100);
  }
}

TEST_F(ReadingPlan, TheToldWindowIsThePlans) {
  for (const int told : {1500, 30000}) {
    oracle_.control({{"context", told}});
    const std::string question = "how many herons where " + std::to_string(told) + " are told?";
    const json planned = plan(question, "");
    oracle_.reset_stats();
    run(question, {}, "");
    expect_about(planned.at("calls"), oracle_.count("calls"), "calls");
  }
}

TEST_F(ReadingPlan, WhatIsKnownIsFree) {
  const std::string question = "where was the heron seen?";
  const json first = plan(question);
  run(question, {"--reader-max-calls", "40"}, "1024", true);
  const json rest = plan(question);
  EXPECT_EQ(rest.at("chunks"), first.at("chunks"));
  EXPECT_EQ(rest.at("cached"), oracle_.count("passages_judged"));
  oracle_.reset_stats();
  run(question, {});
  expect_about(rest.at("calls"), oracle_.count("calls"), "calls");
  const json nothing = plan(question);
  EXPECT_EQ(nothing.at("calls"), 0);
  EXPECT_EQ(nothing.at("cached"), nothing.at("chunks"));
  EXPECT_EQ(nothing.at("price"), 0);
  EXPECT_EQ(nothing.at("seconds"), 0);
}

TEST_F(ReadingPlan, AStandardReadStaysBetweenItsBounds) {
  oracle_.control({{"wanted", json::array()}});
  const std::string question = "where was the walrus seen?";
  std::vector<std::string> flags{"--reader-url", oracle_.url(),      "--reader-model",
                                 "oracle",       "--reader-context", "1024"};
  auto planning = flags;
  planning.emplace_back("--plan");
  const json planned = corpus_.read(question, planning).at("plan");
  const json answer = corpus_.read(question, flags);
  const std::uint64_t read = answer.at("coverage").at("read");
  EXPECT_EQ(planned.at("at_least").at("chunks"), read);
  expect_about(planned.at("at_least").at("calls"), oracle_.count("calls"), "calls");
  EXPECT_EQ(planned.at("chunks"), answer.at("coverage").at("in_scope"));
}

TEST_F(ReadingPlan, ADryRunOfTheToolIsThePlan) {
  const ToolServer::json arguments{
      {"question", "where was the heron seen?"}, {"effort", "exhaustive"}, {"dry_run", true}};
  ToolServer server(corpus_.shelf(), {"--reader-url", oracle_.url(), "--reader-model", "oracle",
                                      "--reader-context", "1024"});
  const json dry = server.call("read_chunks", arguments);
  EXPECT_EQ(oracle_.count("calls"), 0U);
  EXPECT_EQ(dry.at("plan").at("calls"), plan("where was the heron seen?").at("calls"));
  ToolServer extractive(corpus_.shelf());
  const json free = extractive.call("read_chunks", arguments).at("plan");
  EXPECT_EQ(free.at("calls"), 0);
  EXPECT_FALSE(free.contains("price"));
}

TEST_F(ReadingPlan, AnEndpointThatIsDownHasAPlan) {
  const json answer =
      corpus_.read("where was the heron seen?",
                   {"--plan", "--reader-url", "http://127.0.0.1:1/v1", "--reader-model", "m"});
  EXPECT_GT(answer.at("plan").at("calls"), 0);
}

}  // namespace
}  // namespace callslip::testing_support
