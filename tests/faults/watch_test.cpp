// A server that watches: what is saved can be found, in as many commits as there were changes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <thread>

#include "tests/support/document_tree.h"
#include "tests/support/http_client.h"
#include "tests/support/tool_server.h"

namespace callslip::testing_support {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Watching : public ::testing::Test {
 protected:
  void serve(std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), shelf_.root());
    server_ = std::make_unique<ToolServer>(shelf_, flags);
    ASSERT_TRUE(server_->process().wait_for_err("watching: ").has_value());
  }

  nlohmann::json search(const std::string& query) {
    return server_->call("doc_search", {{"query", query}, {"whole", false}});
  }
  std::uint64_t revision() {
    return std::stoull(search("x").at("index").at("revision").get<std::string>());
  }
  std::vector<std::string> found(const std::string& query) {
    std::vector<std::string> names;
    const auto answer = search(query);
    for (const auto& chunk : answer.at("chunks")) names.push_back(chunk.at("document"));
    std::sort(names.begin(), names.end());
    return names;
  }

  /// Waits until a test holds, as long as anybody has patience.
  template <class Test>
  ::testing::AssertionResult eventually(Test test) {
    const auto give_up = std::chrono::steady_clock::now() + safety_net;
    while (!test()) {
      if (std::chrono::steady_clock::now() > give_up) {
        return ::testing::AssertionFailure() << "it did not happen";
      }
      std::this_thread::sleep_for(milliseconds(5));
    }
    return ::testing::AssertionSuccess();
  }
  ::testing::AssertionResult eventually_found(const std::string& query,
                                              const std::vector<std::string>& names) {
    const auto last = [&] { return found(query); };
    const auto came = eventually([&] { return last() == names; });
    if (came) return came;
    return ::testing::AssertionFailure()
           << "found " << ::testing::PrintToString(last()) << ": " << search(query).dump();
  }
  /// The index holds what the folder does.
  ::testing::AssertionResult eventually_holds(const Texts& texts) {
    return eventually([&] { return texts_in(shelf_.index(), "docs") == texts; });
  }

  std::string git(const std::string& arguments) const {
    return ScratchDirectory::run("GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 git -C '" +
                                 shelf_.root() + "' -c user.name=t -c user.email=t@example.org " +
                                 arguments + " 2>&1");
  }

  Shelf shelf_;
  std::unique_ptr<ToolServer> server_;
};

TEST_F(Watching, ASavedFileIsFoundAfterOneCommit) {
  shelf_.write("a.md", "a heron\n");
  serve();
  const std::uint64_t before = revision();
  shelf_.write("a.md", "a kestrel\n");
  EXPECT_TRUE(eventually_found("kestrel", {"docs/a.md"}));
  EXPECT_EQ(revision(), before + 1);
  EXPECT_THAT(found("heron"), ElementsAre());
  shelf_.write("new/b.md", "another kestrel\n");
  EXPECT_TRUE(eventually_found("kestrel", {"docs/a.md", "docs/new/b.md"}));
  shelf_.remove("a.md");
  EXPECT_TRUE(eventually_found("kestrel", {"docs/new/b.md"}));
}

TEST_F(Watching, ARenamedFolderIsOneCommit) {
  for (int i = 0; i < 200; ++i) {
    shelf_.write("old/" + std::to_string(i) + ".md", "heron number " + std::to_string(i) + "\n");
  }
  serve();
  const std::uint64_t before = revision();
  fs::rename(shelf_ / "docs/old", shelf_ / "docs/new");
  EXPECT_TRUE(eventually([&] { return revision() != before; }));
  EXPECT_EQ(revision(), before + 1);
  const auto list = server_->call("list_documents", {{"documents", {"docs/new/"}}});
  EXPECT_EQ(search("number 77").at("index").at("documents"), 200);
  EXPECT_FALSE(list.empty());
  EXPECT_THAT(server_->refusal("list_documents", {{"documents", {"docs/old/"}}}),
              HasSubstr("docs/old/"));
  EXPECT_TRUE(server_->process().wait_for_err("200 moved").has_value());
}

TEST_F(Watching, ACheckoutOfAnotherBranchIsOneCommit) {
  if (!ScratchDirectory::has_git()) GTEST_SKIP() << "needs git";
  constexpr int files = 400;
  const auto write = [&](const std::string& word) {
    for (int i = 0; i < files; ++i) {
      shelf_.write("d" + std::to_string(i % 20) + "/" + std::to_string(i) + ".md",
                   word + " " + std::to_string(i) + "\n");
    }
  };
  git("init -q -b main");
  write("heron");
  git("add -A");
  git("commit -q -m one");
  git("checkout -q -b other");
  write("kestrel");
  shelf_.write("only_here/a.md", "kestrel of its own\n");
  fs::remove_all(shelf_ / "docs/d3");
  git("add -A");
  git("commit -q -m two");
  git("checkout -q main");
  serve();
  std::uint64_t before = revision();
  for (const char* branch : {"other", "main", "other"}) {
    git(std::string("checkout -q ") + branch);
    EXPECT_TRUE(eventually([&] { return revision() != before; }));
    Texts texts;
    for (const auto& entry : fs::recursive_directory_iterator(shelf_.root())) {
      const std::string name = fs::relative(entry.path(), shelf_.root());
      if (!entry.is_regular_file() || name.starts_with(".git/")) continue;
      std::ifstream file(entry.path());
      std::getline(file, texts[name]);
      texts[name] += "\n";
    }
    EXPECT_EQ(texts_in(shelf_.index(), "docs"), texts) << branch;
    EXPECT_EQ(revision(), ++before) << branch;
  }
}

TEST_F(Watching, WhatHappensWhileTheQueueOverflowsIsNotLost) {
  std::size_t most = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> most;
  if (most == 0 || most > 100'000) GTEST_SKIP() << "too long a queue to fill";
  shelf_.write("a.md", "a heron\n");
  shelf_.write("b.md", "a heron\n");
  serve();
  server_->process().signal(SIGSTOP);
  for (std::size_t i = 0; i <= most / 2; ++i) {
    ASSERT_EQ(::truncate((shelf_ / "docs/a.md").c_str(), static_cast<off_t>(i % 7)), 0);
    ASSERT_EQ(::truncate((shelf_ / "docs/b.md").c_str(), static_cast<off_t>(i % 7)), 0);
  }
  shelf_.write("last/c.md", "a kestrel\n");
  server_->process().signal(SIGCONT);
  EXPECT_TRUE(eventually_found("kestrel", {"docs/last/c.md"}));
  shelf_.write("last/d.md", "a kestrel\n");
  EXPECT_TRUE(eventually_found("kestrel", {"docs/last/c.md", "docs/last/d.md"}));
}

TEST_F(Watching, WithoutEnoughWatchesTheRestIsPolled) {
  for (const char* folder : {"a", "b", "c"}) shelf_.write(folder + std::string("/x.md"), "heron\n");
  serve({"--max-watches", "2"});
  for (const char* folder : {"a", "b", "c"}) {
    shelf_.write(folder + std::string("/new.md"), "kestrel\n");
  }
  EXPECT_TRUE(eventually_found("kestrel", {"docs/a/new.md", "docs/b/new.md", "docs/c/new.md"}));
  const Outcome status = shelf_.run({"status"});
  EXPECT_THAT(status.out, HasSubstr("inotify, 2 folders; polling the rest, because no more than 2"))
      << status.describe();
}

TEST_F(Watching, PollingSeesTheSame) {
  shelf_.write("a.md", "a heron\n");
  serve({"--watch", "poll"});
  shelf_.write("new/b.md", "a kestrel\n");
  EXPECT_TRUE(eventually_found("kestrel", {"docs/new/b.md"}));
  EXPECT_THAT(shelf_.run({"status"}).out, HasSubstr("polling, because asked for"));
}

TEST_F(Watching, IgnoreRulesApplyWhenTheyAreSaved) {
  shelf_.write("a.md", "a heron\n");
  shelf_.write("build/out.md", "a heron\n");
  serve();
  shelf_.write(".callslipignore", "build/\n");
  EXPECT_TRUE(eventually_found("heron", {"docs/a.md"}));
  fs::remove(shelf_ / "docs/.callslipignore");
  EXPECT_TRUE(eventually_found("heron", {"docs/a.md", "docs/build/out.md"}));
}

TEST_F(Watching, ARootThatComesBackIsLookedAtAsAWhole) {
  shelf_.write("a.md", "a heron\n");
  serve();
  fs::rename(shelf_.root(), shelf_ / "away");
  ASSERT_TRUE(server_->process().wait_for_err("stays as it is").has_value());
  EXPECT_THAT(found("heron"), ElementsAre("docs/a.md"));
  shelf_.write("b.md", "a heron in a new folder\n");
  EXPECT_TRUE(eventually_found("heron", {"docs/b.md"}));
  fs::remove_all(shelf_.root());
  fs::rename(shelf_ / "away", shelf_.root());
  EXPECT_TRUE(eventually_found("heron", {"docs/a.md"}));
}

TEST_F(Watching, ASecondServerTakesOverTheWatch) {
  shelf_.write("a.md", "a heron\n");
  serve();
  ToolServer second(shelf_, {shelf_.root()});
  server_->kill();
  ASSERT_TRUE(second.process().wait_for_err("watching: inotify").has_value());
  server_ = std::make_unique<ToolServer>(shelf_);  // one that serves only
  shelf_.write("b.md", "a kestrel\n");
  EXPECT_TRUE(eventually_found("kestrel", {"docs/b.md"}));
}

TEST_F(Watching, ReadersNeverSeeTwoVersionsOfAFile) {
  // Each version says its number in every line, and the file has three chunks.
  const auto version = [](int number) {
    std::string text;
    for (int i = 0; i < 300; ++i) text += "heron version" + std::to_string(number) + " of it\n";
    return text;
  };
  shelf_.write("a.md", version(0));
  serve();
  std::jthread writer([&](const std::stop_token& stop) {
    for (int number = 1; !stop.stop_requested(); ++number) {
      shelf_.write("a.md.new", version(number));
      fs::rename(shelf_ / "docs/a.md.new", shelf_ / "docs/a.md");
      std::this_thread::sleep_for(milliseconds(20));
    }
  });
  std::set<std::string> seen;
  EXPECT_TRUE(eventually([&] {
    const auto answer = search("heron");
    std::set<std::string> versions;
    for (const auto& chunk : answer.at("chunks")) {
      const auto text = chunk.at("text").get<std::string>();
      const std::size_t at = text.find("version");
      if (at != std::string::npos) versions.insert(text.substr(at, text.find(' ', at) - at));
    }
    EXPECT_EQ(versions.size(), 1U) << answer.dump();
    seen.merge(versions);
    return seen.size() >= 6;
  }));
}

TEST_F(Watching, SaysHowItWatches) {
  EXPECT_THAT(shelf_.refresh().out, Not(::testing::IsEmpty()));
  EXPECT_THAT(shelf_.run({"status"}).out, HasSubstr("watched    no"));
  Process server(callslip_command(
      {"serve", shelf_.root(), "--listen", "127.0.0.1:0", "--index", shelf_.index()}));
  const auto port = server.wait_for_err("listening on http://127.0.0.1:");
  ASSERT_TRUE(port.has_value());
  const auto number = static_cast<std::uint16_t>(std::stoul(*port));
  ASSERT_TRUE(server.wait_for_err("watching: ").has_value());
  EXPECT_TRUE(eventually([&] {
    return http_call(number, "GET", "/healthz").body == "ok\nwatching: inotify\n";
  })) << http_call(number, "GET", "/healthz").body;
  shelf_.write("a.md", "a heron\n");
  EXPECT_TRUE(eventually([&] {
    return http_call(number, "GET", "/healthz").body.find("last change: 20") != std::string::npos;
  }));
  EXPECT_THAT(shelf_.run({"status"}).out, HasSubstr("inotify, 1 folder; the last change 20"));
  const std::string metrics = http_call(number, "GET", "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("callslip_watch_notified 1\n"));
  EXPECT_THAT(metrics, HasSubstr("callslip_watch_refreshes 1\n"));
}

}  // namespace
}  // namespace callslip::testing_support
