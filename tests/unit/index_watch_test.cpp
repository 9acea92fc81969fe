#include "plugin/mcp/index_watch.h"

#include <semaphore>

#include "tests/unit/served_folder.h"
#include "tools/document_uri.h"

namespace callslip {
namespace {

using nlohmann::json;
using test::IndexedFolder;

class ChangesBetween : public testing::Test {
 protected:
  struct Seen {
    bool list_changed = false;
    std::set<std::string> names;
  };
  /// What the step tells, as names below docs/.
  Seen seen(const std::function<void()>& step) {
    const auto before = folder_.snapshot();
    step();
    folder_.refresh();
    Seen seen;
    for (const ChangeEvent& event : changes_between(before.get(), *folder_.snapshot())) {
      seen.list_changed = seen.list_changed || event.list_changed;
      for (const std::string& uri : event.uris) {
        const std::string prefix = "file://" + folder_.root() + "/";
        if (uri.starts_with(prefix)) seen.names.insert(uri.substr(prefix.size()));
      }
    }
    return seen;
  }
  IndexedFolder folder_;
};

TEST_F(ChangesBetween, NameWhatCameWhatWentAndWhatChanged) {
  for (const char* name : {"a.md", "b.md", "c.md"}) folder_.write(name, "Text.\n");
  folder_.refresh();
  Seen step = seen([&] { folder_.write("b.md", "Other text.\n"); });
  EXPECT_FALSE(step.list_changed);
  EXPECT_EQ(step.names, std::set<std::string>{"b.md"});
  step = seen([&] { folder_.write("d.md", "New.\n"); });
  EXPECT_TRUE(step.list_changed);
  EXPECT_EQ(step.names, std::set<std::string>{"d.md"});
  step = seen([&] { folder_.remove("a.md"); });
  EXPECT_TRUE(step.list_changed);
  EXPECT_EQ(step.names, std::set<std::string>{"a.md"});
  step = seen([] {});
  EXPECT_FALSE(step.list_changed);
  EXPECT_TRUE(step.names.empty());
}

TEST_F(ChangesBetween, AMergeOfSegmentsChangesNothing) {
  folder_.write("first.md", "Text.\n");
  folder_.refresh();
  for (int i = 0; i < 20; ++i) {
    const std::string name = "d" + std::to_string(i) + ".md";
    const Seen step = seen([&] { folder_.write(name, "Text " + name + ".\n"); });
    EXPECT_EQ(step.names, std::set<std::string>{name});
  }
  EXPECT_LT(folder_.snapshot()->segments().size(), 20U) << "they were merged on the way";
}

TEST_F(ChangesBetween, OfACollectionOnlyTheRecordsThatDiffer) {
  folder_.write("c.jsonl",
                "{\"_id\":\"1\",\"text\":\"One.\"}\n{\"_id\":\"2\",\"text\":\"Two.\"}\n");
  folder_.refresh();
  const Seen step = seen([&] {
    folder_.write("c.jsonl",
                  "{\"_id\":\"1\",\"text\":\"One.\"}\n{\"_id\":\"2\",\"text\":\"Too.\"}\n"
                  "{\"_id\":\"3\",\"text\":\"Three.\"}\n");
  });
  EXPECT_TRUE(step.list_changed);
  EXPECT_EQ(step.names, (std::set<std::string>{"c.jsonl#2", "c.jsonl#3"}));
}

TEST_F(ChangesBetween, OfNoIndexAndAnIndexIsAllOfIt) {
  folder_.write("a.md", "Text.\n");
  folder_.refresh();
  const auto events = changes_between(nullptr, *folder_.snapshot());
  ASSERT_EQ(events.size(), 1U);
  EXPECT_TRUE(events[0].list_changed);
  EXPECT_EQ(events[0].uris, (std::vector<std::string>{"file://" + folder_.root() + "/a.md",
                                                      "callslip://document/docs%2Fa.md"}));
}

class IndexWatchTest : public testing::Test {
 protected:
  IndexWatchTest() {
    folder_.write("a.md", "Text.\n");
    folder_.refresh();
  }
  IndexedFolder folder_;
  IndexWatch watch_{folder_.library(), std::chrono::milliseconds(5)};
};

TEST_F(IndexWatchTest, TellsOfACommitMadeRightAfterSubscribing) {
  std::binary_semaphore told{0};
  std::vector<std::string> uris;
  const auto subscription = watch_.subscribe([&](const ChangeEvent& event) {
    uris = event.uris;
    told.release();
  });
  folder_.write("a.md", "Changed.\n");
  folder_.refresh();
  told.acquire();
  EXPECT_EQ(uris.at(0), "file://" + folder_.root() + "/a.md");
}

TEST_F(IndexWatchTest, AListenerMayLeaveWhileItIsTold) {
  std::binary_semaphore told{0};
  std::unique_ptr<ChangeFeed::Subscription> subscription;
  subscription = watch_.subscribe([&](const ChangeEvent&) {
    subscription.reset();
    told.release();
  });
  std::counting_semaphore<> others{0};
  const auto stays = watch_.subscribe([&](const ChangeEvent&) { others.release(); });
  folder_.write("b.md", "New.\n");
  folder_.refresh();
  told.acquire();
  others.acquire();
  folder_.write("c.md", "New.\n");
  folder_.refresh();
  others.acquire();
  EXPECT_FALSE(told.try_acquire());
}

TEST_F(IndexWatchTest, ASubscriptionMayOutliveTheWatch) {
  std::unique_ptr<ChangeFeed::Subscription> subscription;
  {
    IndexWatch watch(folder_.library());
    subscription = watch.subscribe([](const ChangeEvent&) {});
  }
  subscription.reset();
}

TEST_F(IndexWatchTest, CoversDocumentsAsTheyAreListed) {
  const Principal owner = Principal::owner();
  EXPECT_TRUE(watch_.covers("file://" + folder_.root() + "/a.md", owner));
  EXPECT_TRUE(watch_.covers("callslip://document/docs%2Fa.md", owner));
  EXPECT_FALSE(watch_.covers("callslip://document/docs/a.md", owner)) << "told by another spelling";
  EXPECT_FALSE(watch_.covers("file://" + folder_.root() + "/b.md", owner));
  EXPECT_FALSE(watch_.covers("file:///etc/passwd", owner));
}

class WatchedServer : public test::ServedFolder {
 protected:
  WatchedServer() {
    folder_.write("a.md", "Text.\n");
    folder_.refresh();
    changes_ = &watch_;
    serve();
  }
  /// Behind the server's threads, which call it.
  ~WatchedServer() override {
    transport_.stop();
    io_.join();
    server_->drain(std::chrono::seconds(10));
    server_.reset();
  }
  static std::string method(LoopbackClient& client) { return message(client).value("method", ""); }

  IndexWatch watch_{folder_.library(), std::chrono::milliseconds(5)};
};

TEST_F(WatchedServer, LegacyClientsHearOfTheListAndOfWhatTheySubscribedTo) {
  (void)ask("initialize", {{"protocolVersion", "2025-11-25"}});
  const std::string uri = "file://" + folder_.root() + "/a.md";
  EXPECT_EQ(result("resources/subscribe", {{"uri", uri}}), json::object());
  EXPECT_EQ(error("resources/subscribe", {{"uri", "file:///etc/passwd"}}).at("code"), -32602);
  client_->send(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  (void)result("ping");
  folder_.write("a.md", "Changed.\n");
  folder_.refresh();
  const json updated = message(*client_);
  EXPECT_EQ(updated.at("method"), "notifications/resources/updated");
  EXPECT_EQ(updated.at("params").at("uri"), uri);
  folder_.write("b.md", "New.\n");
  folder_.refresh();
  EXPECT_EQ(method(*client_), "notifications/resources/list_changed");
}

TEST_F(WatchedServer, WhoSeesNoneOfTheCollectionsIsToldNothing) {
  Principal stranger{"stranger", false, nullptr};
  stranger.collections =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"other"});
  LoopbackClient client = transport_.connect(stranger);
  const json filter{{"resourcesListChanged", true},
                    {"resourceSubscriptions", {"file://" + folder_.root() + "/a.md"}}};
  const json params = modern({{"notifications", filter}});
  client.send(
      json{{"jsonrpc", "2.0"}, {"id", 7}, {"method", "subscriptions/listen"}, {"params", params}}
          .dump());
  const json acknowledged = message(client);
  EXPECT_EQ(acknowledged.at("params").at("notifications"), (json{{"resourcesListChanged", true}}));
  client_->send(
      json{{"jsonrpc", "2.0"}, {"id", 7}, {"method", "subscriptions/listen"}, {"params", params}}
          .dump());
  EXPECT_EQ(method(*client_), "notifications/subscriptions/acknowledged");
  folder_.write("b.md", "New.\n");
  folder_.refresh();
  EXPECT_EQ(method(*client_), "notifications/resources/list_changed");
  EXPECT_EQ(ask("server/discover", modern(), client).value("id", 0), last_id_)
      << "nothing came before the answer";
}

}  // namespace
}  // namespace callslip
