// A reader endpoint that is down, slow, limits us or talks nonsense: the chunk counts as failed and
// the answer says `partial`; nothing else fails.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/callslip_binary.h"
#include "tests/support/scripted_http_server.h"

namespace callslip::testing_support {
namespace {

using nlohmann::json;

class ReaderEndpointFault : public ::testing::Test {
 protected:
  ReaderEndpointFault() {
    shelf_.write("a.md", "The heron stands in the reeds.\n");
    shelf_.write("b.md", "The kestrel hovers above the field.\n");
    shelf_.refresh();
  }

  json read(const std::string& url) {
    return shelf_.ask({"read", "where does the heron stand?", "--reader-url", url, "--reader-model",
                       "m", "--reader-timeout", "0.3", "--deadline", "20"});
  }

  void expect_all_failed(const json& answer) {
    ASSERT_TRUE(answer.is_object());
    EXPECT_EQ(answer.at("status"), "partial") << answer.dump();
    const json& coverage = answer.at("coverage");
    EXPECT_EQ(coverage.at("in_scope"), 2);
    EXPECT_EQ(coverage.at("read"), 0);
    EXPECT_EQ(coverage.at("failed").get<int>() + coverage.at("unread").get<int>(), 2);
    EXPECT_GT(coverage.at("failed"), 0);
    for (const json& failure : coverage.at("failures")) EXPECT_NE(failure.at("reason"), "");
    EXPECT_TRUE(answer.at("evidence").empty());
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
};

TEST_F(ReaderEndpointFault, Down) { expect_all_failed(read("http://127.0.0.1:1/v1")); }

TEST_F(ReaderEndpointFault, Slow) {
  ScriptedHttpServer model([](const HttpRequest&) {
    HttpReply reply;
    reply.fault = HttpReply::Fault::hang;
    return reply;
  });
  expect_all_failed(read(model.url()));
}

TEST_F(ReaderEndpointFault, BrokenConnections) {
  std::vector<HttpReply> replies;
  for (const auto fault :
       {HttpReply::Fault::reset, HttpReply::Fault::close, HttpReply::Fault::truncate}) {
    HttpReply reply;
    reply.fault = fault;
    reply.body = R"({"choices":[{"message":{"content":"None"}}]})";
    replies.push_back(reply);
  }
  expect_all_failed_with(replies);
}

TEST_F(ReaderEndpointFault, RefusalsAndLimits) {
  std::vector<HttpReply> replies;
  for (const int status : {400, 401, 404, 429, 500, 503}) {
    HttpReply reply;
    reply.status = status;
    reply.body = R"({"error":{"message":"no"}})";
    replies.push_back(reply);
  }
  expect_all_failed_with(replies);
}

TEST_F(ReaderEndpointFault, Nonsense) {
  std::vector<HttpReply> replies;
  for (const char* body :
       {"", "not json", "{}", "[]", "null", R"({"choices":[]})", R"({"choices":[{}]})",
        R"({"choices":[{"message":{"content":7}}]})", R"({"choices":7})"}) {
    HttpReply reply;
    reply.body = body;
    replies.push_back(reply);
  }
  expect_all_failed_with(replies);
}

TEST_F(ReaderEndpointFault, LimitedAtFirstItIsAskedAgain) {
  std::atomic<int> calls = 0;
  ScriptedHttpServer model([&](const HttpRequest&) {
    HttpReply reply;
    if (++calls <= 2) {
      reply.status = 429;
      reply.headers = "Retry-After: 0\r\n";
    } else {
      reply.body = R"({"choices":[{"message":{"role":"assistant","content":"None"}}]})";
    }
    return reply;
  });
  const json answer = read(model.url());
  ASSERT_TRUE(answer.is_object());
  EXPECT_EQ(answer.at("coverage").at("failed"), 0) << answer.dump();
  EXPECT_EQ(answer.at("status"), "nothing_relevant");
}

TEST_F(ReaderEndpointFault, WhatTheModelMadeUpIsDropped) {
  ScriptedHttpServer model([](const HttpRequest&) {
    HttpReply reply;
    reply.body = R"({"choices":[{"message":{"role":"assistant","content":)"
                 R"("The unicorn stands on a hill of green cheese, says the text."}}]})";
    return reply;
  });
  const json answer = read(model.url());
  ASSERT_TRUE(answer.is_object());
  EXPECT_TRUE(answer.at("evidence").empty()) << answer.dump();
  EXPECT_GT(answer.at("usage").at("rejected_quotes"), 0) << answer.dump();
}

}  // namespace
}  // namespace callslip::testing_support
