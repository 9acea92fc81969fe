#include "plugin/mcp/subscriptions.h"

#include <gtest/gtest.h>

#include "plugin/mcp/protocol_names.h"

namespace callslip {
namespace {

using nlohmann::json;

class Recorder final : public Outlet {
 public:
  void send(std::string message) override { sent.push_back(json::parse(message)); }
  void reply(std::string message, int) override { replied.push_back(json::parse(message)); }
  void abandon() override { abandoned = true; }

  std::vector<json> sent;
  std::vector<json> replied;
  bool abandoned = false;
};

class Feed final : public ChangeFeed {
 public:
  class One final : public Subscription {
   public:
    explicit One(Feed& feed) : feed_(feed) {}
    ~One() override { feed_.listener = nullptr; }

   private:
    Feed& feed_;
  };
  std::unique_ptr<Subscription> subscribe(Listener wanted) override {
    listener = std::move(wanted);
    return std::make_unique<One>(*this);
  }
  bool covers(const std::string& uri, const Principal&) const override { return uri != "x:/no"; }

  Listener listener;
};

class SubscriptionsTest : public testing::Test {
 protected:
  SubscriptionsTest() { subscriptions_.offer({true, true, true, {}}); }

  struct Listening {
    std::shared_ptr<Recorder> outlet = std::make_shared<Recorder>();
    std::shared_ptr<McpSession> session = std::make_shared<McpSession>(Principal::owner(), nullptr);
  };
  Listening listen(Subscriptions::Filter filter, const json& id = 1) {
    Listening made;
    McpCall call;
    auto request = std::make_shared<RpcRequest>();
    request->id = id;
    call.request = request;
    call.modern = true;
    call.session = made.session;
    call.outlet = made.outlet;
    call.context.stop = *made.session->begin(id);
    EXPECT_TRUE(subscriptions_.listen(call, std::move(filter)));
    return made;
  }

  static std::vector<std::string> methods(const Recorder& outlet) {
    std::vector<std::string> all;
    for (const json& message : outlet.sent) all.push_back(message.at("method"));
    return all;
  }

  Feed feed_;
  Subscriptions subscriptions_{&feed_};
};

TEST_F(SubscriptionsTest, AcknowledgesFirstAndTagsEveryMessage) {
  const auto listening = listen({true, false, false, {"x:/a"}}, "sub");
  subscriptions_.tools_changed();
  feed_.listener({false, {}, {"x:/a"}});
  const auto& sent = listening.outlet->sent;
  ASSERT_EQ(methods(*listening.outlet),
            (std::vector<std::string>{"notifications/subscriptions/acknowledged",
                                      "notifications/tools/list_changed",
                                      "notifications/resources/updated"}));
  EXPECT_EQ(sent[0].at("params").at("notifications"),
            json({{"toolsListChanged", true}, {"resourceSubscriptions", {"x:/a"}}}));
  for (const json& message : sent) {
    EXPECT_EQ(message.at("params").at("_meta").at(mcp::kSubscriptionKey), "sub");
  }
  EXPECT_EQ(sent[2].at("params").at("uri"), "x:/a");
}

TEST_F(SubscriptionsTest, TellsOnlyWhatWasAskedFor) {
  const auto tools = listen({true, false, false, {}});
  const auto list = listen({false, false, true, {}});
  const auto one = listen({false, false, false, {"x:/b"}});
  subscriptions_.prompts_changed();
  feed_.listener({true, {}, {"x:/a"}});
  EXPECT_EQ(tools.outlet->sent.size(), 1U);
  EXPECT_EQ(methods(*list.outlet).back(), "notifications/resources/list_changed");
  EXPECT_EQ(one.outlet->sent.size(), 1U);
}

TEST_F(SubscriptionsTest, TheClientEndsItByCancellingAndHearsNoMore) {
  const auto listening = listen({true, false, false, {}});
  listening.session->cancel(1);
  EXPECT_TRUE(listening.outlet->abandoned);
  subscriptions_.tools_changed();
  EXPECT_EQ(listening.outlet->sent.size(), 1U);
  EXPECT_TRUE(listening.session->begin(1)) << "the id is free again";
}

TEST_F(SubscriptionsTest, OneThatWasCancelledBeforeItBeganEndsAtOnce) {
  Listening made;
  McpCall call;
  auto request = std::make_shared<RpcRequest>();
  request->id = 1;
  call.request = request;
  call.session = made.session;
  call.outlet = made.outlet;
  call.context.stop = *made.session->begin(1);
  made.session->cancel_all();
  EXPECT_TRUE(subscriptions_.listen(call, {true, false, false, {}}));
  EXPECT_TRUE(made.outlet->abandoned);
}

TEST_F(SubscriptionsTest, TheServerEndsItWithACancellationAndAResult) {
  const auto listening = listen({true, false, false, {}});
  subscriptions_.close();
  EXPECT_EQ(methods(*listening.outlet).back(), "notifications/cancelled");
  EXPECT_EQ(listening.outlet->sent.back().at("params").at("requestId"), 1);
  ASSERT_EQ(listening.outlet->replied.size(), 1U);
  const json& result = listening.outlet->replied[0].at("result");
  EXPECT_EQ(result.at("resultType"), "complete");
  EXPECT_EQ(result.at("_meta").at(mcp::kSubscriptionKey), 1);
}

TEST_F(SubscriptionsTest, ASessionHasABoundOfListens) {
  Listening made;
  McpCall call;
  call.session = made.session;
  call.outlet = made.outlet;
  int taken = 0;
  for (int id = 0; id < 100; ++id) {
    auto request = std::make_shared<RpcRequest>();
    request->id = id;
    call.request = request;
    call.context.stop = *made.session->begin(id);
    taken += subscriptions_.listen(call, {}) ? 1 : 0;
  }
  EXPECT_EQ(taken, 64);
}

TEST_F(SubscriptionsTest, LegacySessionsHearOfTheirResourcesAndOfLists) {
  const auto outlet = std::make_shared<Recorder>();
  const auto session = std::make_shared<McpSession>(Principal::owner(), outlet);
  subscriptions_.subscribe(session, "x:/a");
  feed_.listener({true, {}, {"x:/a", "x:/b"}});
  EXPECT_EQ(methods(*outlet), std::vector<std::string>{"notifications/resources/updated"})
      << "of lists only once it is initialized";
  subscriptions_.join(session);
  subscriptions_.unsubscribe(session, "x:/a");
  outlet->sent.clear();
  feed_.listener({true, {}, {"x:/a"}});
  EXPECT_EQ(methods(*outlet), std::vector<std::string>{"notifications/resources/list_changed"});
}

TEST_F(SubscriptionsTest, WhatIsNotOfferedIsNotToldToLegacySessions) {
  Subscriptions quiet(nullptr);
  const auto outlet = std::make_shared<Recorder>();
  const auto session = std::make_shared<McpSession>(Principal::owner(), outlet);
  quiet.join(session);
  quiet.tools_changed();
  EXPECT_TRUE(outlet->sent.empty());
}

}  // namespace
}  // namespace callslip
