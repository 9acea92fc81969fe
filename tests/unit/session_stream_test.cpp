#include "plugin/http/session_stream.h"

#include <gtest/gtest.h>

#include "plugin/http/http_outlet.h"
#include "tests/unit/fake_exchange.h"

namespace callslip {
namespace {

using nlohmann::json;

std::shared_ptr<FakeExchange> exchange() { return std::make_shared<FakeExchange>(HttpRequest{}); }

TEST(SessionStreamTest, SendsEventsToTheOpenResponse) {
  const auto stream = std::make_shared<SessionStream>();
  const auto get = exchange();
  stream->attach(get);
  EXPECT_EQ(get->type(), "text/event-stream");
  stream->send(R"({"a":1})");
  EXPECT_EQ(get->events(), std::vector<json>{json({{"a", 1}})});
  EXPECT_FALSE(get->ended());
}

TEST(SessionStreamTest, KeepsAFewMessagesWhileThereIsNoResponse) {
  const auto stream = std::make_shared<SessionStream>();
  stream->send(R"({"a":1})");
  stream->send(R"({"a":1})");  // says the same
  for (int i = 0; i < 100; ++i) stream->send(json{{"i", i}}.dump());
  const auto get = exchange();
  stream->attach(get);
  EXPECT_EQ(get->events().size(), 64U);
  EXPECT_EQ(get->events().back().at("i"), 99);
}

TEST(SessionStreamTest, ANewResponseTakesThePlaceOfTheOneBefore) {
  const auto stream = std::make_shared<SessionStream>();
  const auto first = exchange();
  const auto second = exchange();
  stream->attach(first);
  stream->attach(second);
  EXPECT_TRUE(first->ended());
  first->vanish();  // says nothing of the second
  stream->send("{}");
  EXPECT_EQ(first->events().size(), 0U);
  EXPECT_EQ(second->events().size(), 1U);
  second->vanish();
  EXPECT_FALSE(stream->attached());
}

TEST(SessionStreamTest, AClosedStreamEndsItsResponseAndTakesNoOther) {
  const auto stream = std::make_shared<SessionStream>();
  const auto first = exchange();
  stream->attach(first);
  stream->close();
  EXPECT_TRUE(first->ended());
  const auto second = exchange();
  stream->attach(second);
  EXPECT_TRUE(second->ended());
  EXPECT_FALSE(stream->keep_alive());
}

TEST(HttpOutletTest, AReplyThatNothingPrecedesIsJson) {
  const auto post = exchange();
  HttpOutlet outlet(post, {}, true);
  outlet.add_header("Mcp-Session-Id", "x");
  outlet.reply(R"({"a":1})", 0);
  EXPECT_EQ(post->status(), 200);
  EXPECT_EQ(post->type(), "application/json");
  EXPECT_EQ(post->header("Cache-Control"), "no-store");
  EXPECT_EQ(post->header("Mcp-Session-Id"), "x");
  EXPECT_EQ(post->json(), json({{"a", 1}}));
  outlet.send("{}");
  outlet.reply("{}", 0);
  EXPECT_EQ(post->json(), json({{"a", 1}}));
}

TEST(HttpOutletTest, WhatPrecedesTheReplyMakesItAStream) {
  const auto post = exchange();
  HttpOutlet outlet(post, {}, true);
  outlet.send(R"({"n":1})");
  EXPECT_EQ(post->type(), "text/event-stream");
  EXPECT_EQ(post->header("X-Accel-Buffering"), "no");
  EXPECT_FALSE(post->ended());
  outlet.reply(R"({"n":2})", 0);
  EXPECT_TRUE(post->ended());
  EXPECT_EQ(post->events().size(), 2U);
}

TEST(HttpOutletTest, OnlyWhatTheClientAcceptsIsSent) {
  const auto as_json = exchange();
  HttpOutlet json_only(as_json, {true, false}, true);
  EXPECT_FALSE(json_only.streams());
  json_only.send("{}");
  EXPECT_FALSE(json_only.keep_alive());
  EXPECT_FALSE(as_json->begun());
  json_only.reply("{}", 0);
  EXPECT_EQ(as_json->type(), "application/json");

  const auto as_stream = exchange();
  HttpOutlet stream_only(as_stream, {false, true}, true);
  stream_only.reply("{}", 0);
  EXPECT_EQ(as_stream->type(), "text/event-stream");
  EXPECT_EQ(as_stream->events().size(), 1U);
}

TEST(HttpOutletTest, TheStatusSaysWhetherTheRequestItselfWasWrong) {
  const auto status = [](bool modern, bool refused, int code) {
    const auto post = exchange();
    HttpOutlet outlet(post, {}, modern);
    if (refused) {
      outlet.refuse("{}", code);
    } else {
      outlet.reply("{}", code);
    }
    return post->status();
  };
  EXPECT_EQ(status(true, true, -32601), 404);
  EXPECT_EQ(status(false, true, -32601), 200) << "404 would end a legacy session";
  EXPECT_EQ(status(true, true, -32602), 400);
  EXPECT_EQ(status(true, false, -32602), 200);
  EXPECT_EQ(status(true, false, -32603), 200);
  EXPECT_EQ(status(true, false, -32021), 400);
  EXPECT_EQ(status(true, true, -32022), 400);
}

TEST(HttpOutletTest, ALongCallIsKeptAliveAndAnAbandonedOneEnds) {
  const auto post = exchange();
  HttpOutlet outlet(post, {}, true);
  EXPECT_TRUE(outlet.keep_alive());
  EXPECT_EQ(post->type(), "text/event-stream");
  EXPECT_EQ(post->body().front(), ':');
  outlet.abandon();
  EXPECT_TRUE(post->ended());
  EXPECT_FALSE(outlet.keep_alive());
}

}  // namespace
}  // namespace callslip
