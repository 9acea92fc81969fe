// Reader endpoints that are down, hang, fail, refuse us or talk nonsense: a well one reads in their
// place; where there is none the chunks count as failed, with the reason, and nothing else fails.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/support/reading_corpus.h"
#include "tests/support/scripted_http_server.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* nobody = "http://127.0.0.1:1/v1";

class ReaderEndpoint : public ::testing::Test {
 protected:
  json read(const std::vector<std::string>& urls, const std::vector<std::string>& more = {},
            const std::string& context = "1024") {
    std::vector<std::string> flags = ReadingCorpus::model(urls.at(0), context);
    for (std::size_t i = 1; i < urls.size(); ++i) {
      flags.insert(flags.end(), {"--reader-url", urls[i]});
    }
    flags.insert(flags.end(), more.begin(), more.end());
    return corpus_.read("where was the heron seen? " + std::to_string(++asked_), flags);
  }

  void expect_all_read(const json& answer) {
    ASSERT_TRUE(answer.is_object());
    EXPECT_EQ(answer.at("status"), "found") << answer.at("coverage");
    EXPECT_TRUE(corpus_.found_all(answer));
  }

  static void expect_all_failed(const json& answer, const std::string& reason = "") {
    ASSERT_TRUE(answer.is_object());
    const json& coverage = answer.at("coverage");
    EXPECT_EQ(coverage.at("failed"), coverage.at("in_scope")) << answer.dump();
    for (const json& failure : coverage.at("failures")) {
      EXPECT_THAT(failure.at("reason").get<std::string>(), HasSubstr(reason));
    }
  }

  /// Of any size; some tests wait for each of its packs.
  explicit ReaderEndpoint(int files = ReadingCorpus::default_files) : corpus_(files) {}

  ReadingCorpus corpus_;
  OracleProcess oracle_{corpus_.wanted(), {"--latency", "3"}};
  std::atomic<int> asked_ = 0;
};

/// Two small documents, and servers of every brokenness.
class ReaderEndpointFault : public ::testing::Test {
 protected:
  ReaderEndpointFault() {
    shelf_.write("a.md", "The heron stands in the reeds.\n");
    shelf_.write("b.md", "The kestrel hovers above the field.\n");
    shelf_.refresh();
  }

  json read(const std::string& url, const ProcessOptions& options = {}) {
    const std::string question =
        "where does the heron stand? " + std::to_string(++asked_);  // the cache knows no answer
    const Outcome outcome =
        shelf_.run({"read", "--json", question, "--reader-url", url, "--reader-model", "m",
                    "--reader-timeout", "0.3", "--deadline", "60"},
                   options);
    EXPECT_TRUE(exited(outcome, 0));
    return json::parse(outcome.out, nullptr, false);
  }

  static void expect_all_failed(const json& answer) {
    ASSERT_TRUE(answer.is_object());
    EXPECT_EQ(answer.at("status"), "partial") << answer.dump();
    EXPECT_EQ(answer.at("coverage").at("in_scope"), 2);
    EXPECT_EQ(answer.at("coverage").at("failed"), 2) << answer.dump();
    EXPECT_TRUE(answer.at("evidence").empty());
    for (const json& failure : answer.at("coverage").at("failures")) {
      EXPECT_NE(failure.at("reason"), "");
    }
  }

  /// Several broken models at once: most of the time each waits before it is asked again.
  void expect_all_failed_with(const std::vector<HttpReply>& replies) {
    std::vector<std::jthread> threads;
    for (const HttpReply& reply : replies) {
      threads.emplace_back([this, reply] {
        ScriptedHttpServer model([reply](const HttpRequest&) { return reply; });
        expect_all_failed(read(model.url()));
        EXPECT_GT(model.calls(), 0U);
      });
    }
  }

  Shelf shelf_;
  std::atomic<int> asked_ = 0;
};

TEST_F(ReaderEndpointFault, Down) { expect_all_failed(read(nobody)); }

TEST_F(ReaderEndpointFault, BrokenConnections) {
  std::vector<HttpReply> replies;
  for (const auto fault : {HttpReply::Fault::hang, HttpReply::Fault::reset, HttpReply::Fault::close,
                           HttpReply::Fault::truncate}) {
    HttpReply reply;
    reply.fault = fault;
    reply.body = R"({"choices":[{"message":{"content":"None"}}]})";
    replies.push_back(reply);
  }
  expect_all_failed_with(replies);
}

TEST_F(ReaderEndpointFault, Refusals) {
  std::vector<HttpReply> replies;
  for (const int status : {302, 400, 401, 403, 404, 413, 422, 500}) {
    HttpReply reply;
    reply.status = status;
    reply.body = R"({"error":{"message":"no"}})";
    replies.push_back(reply);
  }
  expect_all_failed_with(replies);
}

TEST_F(ReaderEndpointFault, Nonsense) {
  std::vector<HttpReply> replies;
  for (const char* body : {"", "not json", "{}", "[]", "null", R"({"choices":[]})",
                           R"({"choices":[{}]})", R"({"choices":[{"message":{"content":7}}]})",
                           R"({"choices":7})", R"({"choices":[{"message":{"content":"{}"}}]})",
                           R"({"choices":[{"message":{"content":"?? ..."}}]})"}) {
    HttpReply reply;
    reply.body = body;
    replies.push_back(reply);
  }
  expect_all_failed_with(replies);
}

TEST_F(ReaderEndpointFault, WhatTheModelMadeUpIsNoVerdict) {
  ScriptedHttpServer model([](const HttpRequest&) {
    HttpReply reply;
    reply.body = R"({"choices":[{"message":{"role":"assistant","content":)"
                 R"("The unicorn stands on a hill of green cheese, says the text."}}]})";
    return reply;
  });
  const json answer = read(model.url());
  expect_all_failed(answer);
  EXPECT_GT(answer.at("usage").at("rejected_quotes"), 0) << answer.dump();
}

TEST_F(ReaderEndpointFault, AKeyThatIsWrongIsSaidAtOnce) {
  const OracleProcess oracle({"--key", "right"});
  const auto reason = [&](const std::vector<std::string>& environment) {
    ProcessOptions options;
    options.environment = environment;
    oracle.reset_stats();
    const json answer = read(oracle.url(), options);
    expect_all_failed(answer);
    EXPECT_EQ(oracle.count("calls"), 1U) << "asked again in vain";
    return answer.at("coverage").at("failures").at(0).at("reason").get<std::string>();
  };
  EXPECT_THAT(reason({}), HasSubstr("set CALLSLIP_READER_KEY"));
  const std::string wrong = reason({"CALLSLIP_READER_KEY=wrong-one"});
  EXPECT_THAT(wrong, HasSubstr("refuses the key in CALLSLIP_READER_KEY"));
  EXPECT_THAT(wrong, ::testing::Not(HasSubstr("wrong-one")));
  ProcessOptions options;
  options.environment = {"CALLSLIP_READER_KEY=right"};
  EXPECT_EQ(read(oracle.url(), options).at("status"), "nothing_relevant");
}

TEST_F(ReaderEndpoint, AWellEndpointReadsInThePlaceOfAFailingOne) {
  const OracleProcess failing(corpus_.wanted(), {"--error-rate", "1", "--latency", "3"});
  expect_all_read(read({failing.url(), oracle_.url()}));
  EXPECT_LT(failing.count("calls"), 30U) << "not rested";
}

TEST_F(ReaderEndpoint, AWellEndpointReadsInThePlaceOfAHangingOne) {
  const OracleProcess hanging(corpus_.wanted(), {"--hang", "1"});
  expect_all_read(read({oracle_.url(), hanging.url()}, {"--reader-timeout", "0.5"}));
  EXPECT_LT(hanging.count("calls"), 30U) << "not rested";
}

TEST_F(ReaderEndpoint, AWellEndpointReadsInThePlaceOfOneThatIsDown) {
  const auto start = std::chrono::steady_clock::now();
  expect_all_read(read({nobody, oracle_.url()}));
  expect_all_read(read({oracle_.url(), nobody}));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_F(ReaderEndpoint, AWellEndpointReadsInThePlaceOfOneThatStopped) {
  OracleProcess frozen(corpus_.wanted(), {});
  frozen.process().signal(SIGSTOP);
  expect_all_read(read({frozen.url(), oracle_.url()}, {"--reader-timeout", "0.5"}));
  frozen.process().signal(SIGCONT);
}

TEST_F(ReaderEndpoint, AWellEndpointReadsInThePlaceOfOneThatRefusesUs) {
  const OracleProcess locked(corpus_.wanted(), {"--key", "another"});
  expect_all_read(read({locked.url(), oracle_.url()}));
  EXPECT_LE(locked.count("calls"), 8U) << "asked again in vain";
}

TEST_F(ReaderEndpoint, OneThatDiesWhileItReadsIsReplaced) {
  OracleProcess dying(corpus_.wanted(), {"--latency", "3"});
  std::jthread killer([&dying] {
    dying.wait_until([](const json& stats) { return stats.at("answered") >= 10; });
    dying.process().signal(SIGKILL);
  });
  expect_all_read(read({dying.url(), oracle_.url()}));
}

TEST_F(ReaderEndpoint, WellEndpointsShareTheWork) {
  const OracleProcess other(corpus_.wanted(), {"--latency", "3"});
  expect_all_read(read({oracle_.url(), other.url()}));
  EXPECT_GT(oracle_.count("answered"), 20U);
  EXPECT_GT(other.count("answered"), 20U);
}

TEST_F(ReaderEndpoint, WhereAllAreDownAllChunksFailSoon) {
  const auto start = std::chrono::steady_clock::now();
  expect_all_failed(read({nobody, "http://127.0.0.1:2/v1"}), "no connection");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

class FewChunks : public ReaderEndpoint {
 protected:
  FewChunks() : ReaderEndpoint(2) {}
};

TEST_F(FewChunks, WhereAllHangAllChunksFail) {
  const OracleProcess one({"--hang", "1"});
  const OracleProcess two({"--hang", "1"});
  expect_all_failed(read({one.url(), two.url()}, {"--reader-timeout", "0.1"}), "timed out");
}

TEST_F(FewChunks, WhereAllRefuseTheKeyAllChunksFailAtOnce) {
  const OracleProcess one({"--key", "another"});
  const OracleProcess two({"--key", "another"});
  expect_all_failed(read({one.url(), two.url()}), "CALLSLIP_READER_KEY");
  EXPECT_LE(one.count("calls") + two.count("calls"), 16U);
}

TEST_F(ReaderEndpoint, TheToldWindowIsObeyed) {
  const auto calls_with = [&](int told, const std::string& context) {
    const OracleProcess oracle(corpus_.wanted(), {"--context", std::to_string(told)});
    expect_all_read(read({oracle.url()}, {}, context));
    return oracle.count("calls");
  };
  const auto about = [](std::uint64_t calls) {
    return ::testing::AllOf(::testing::Ge(calls - calls / 10), ::testing::Le(calls + calls / 10));
  };
  const std::uint64_t small = calls_with(0, "1500");
  const std::uint64_t usual = calls_with(0, "");
  const std::uint64_t large = calls_with(0, "16384");
  EXPECT_GT(small, 3 * usual);
  EXPECT_LT(large, usual);
  EXPECT_THAT(calls_with(1500, ""), about(small));
  EXPECT_THAT(calls_with(16384, ""), about(large));
  EXPECT_THAT(calls_with(16384, "1500"), about(small)) << "--reader-context rules";
}

TEST_F(ReaderEndpoint, OfSeveralWindowsTheLeastIsObeyed) {
  const OracleProcess small(corpus_.wanted(), {"--context", "1500", "--window", "2000"});
  const OracleProcess large(corpus_.wanted(), {"--context", "16384", "--window", "2000"});
  expect_all_read(read({large.url(), small.url()}, {}, ""));
  EXPECT_EQ(small.replies("window") + large.replies("window"), 0U);
}

TEST_F(ReaderEndpoint, TheWindowThatPropsTellsIsObeyed) {
  std::atomic<std::size_t> longest = 0;
  ScriptedHttpServer model([&](const HttpRequest& request) {
    HttpReply reply;
    if (request.head.starts_with("GET /props")) {
      reply.body = R"({"default_generation_settings":{"n_ctx":1500}})";
    } else if (request.head.starts_with("GET")) {
      reply.status = 404;
    } else {
      longest = std::max<std::size_t>(longest, request.body.size());
      reply.body = R"({"choices":[{"message":{"role":"assistant","content":"None"}}]})";
    }
    return reply;
  });
  EXPECT_EQ(read({model.url()}, {}, "").at("status"), "nothing_relevant");
  EXPECT_GT(longest, 2000U);
  EXPECT_LT(longest, 1500U * 6);  // bytes of a token, with the schema
}

}  // namespace
}  // namespace callslip::testing_support
