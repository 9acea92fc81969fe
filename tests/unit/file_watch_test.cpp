// FileWatch on real directories: what is told, and that nothing is left out.

#include "index/watch/file_watch.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "index/files/file_walker.h"
#include "index/watch/inotify_watch.h"
#include "scratch_directory.h"

namespace callslip {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// A watched folder, as the indexer drives it: every look walks what was told.
class Watched {
 public:
  explicit Watched(std::vector<std::string> roots = {}, WatchOptions options = {}) {
    options.look_again = std::chrono::seconds(60);  // a test that misses a change ends
    if (options.open_file == WatchOptions().open_file) options.open_file = std::chrono::seconds(10);
    scratch_.make_directory("root");
    if (roots.empty()) roots = {root()};
    for (const std::string& path : roots) roots_.push_back(path);
    watch_ = watch_files(roots_, options);
    look({true, {}});
  }

  std::string root() const { return scratch_ / "root"; }
  const ScratchDirectory& scratch() const { return scratch_; }
  FileWatch& watch() { return *watch_; }

  void write(const std::string& name, std::string_view text = "text\n") const {
    scratch_.write("root/" + name, text);
  }
  std::string operator/(const std::string& name) const { return root() + "/" + name; }

  /// Waits for the next changes and looks at them; their paths, or "everything".
  std::set<std::string> next() {
    const Changes changes = watch_->wait(stop_.get_token());
    look(changes);
    if (changes.everything) return {"everything"};
    std::set<std::string> below;
    for (const std::string& path : changes.paths) {
      below.insert(path.starts_with(root() + "/") ? path.substr(root().size() + 1) : path);
    }
    return below;
  }

  /// The same until this was among them; all that was told.
  std::set<std::string> until(const std::string& path) {
    std::set<std::string> told;
    while (!told.contains(path) && !told.contains("everything")) told.merge(next());
    return told;
  }

  /// Looks until these files, and no others, were found.
  void find(const std::set<std::string>& files) {
    std::set<std::string> all;
    for (all.merge(found()); all != files; all.merge(found())) {
      ASSERT_THAT(next(), ::testing::Not(Contains("everything"))) << ::testing::PrintToString(all);
    }
  }

  /// Files that the looks found, and have not been asked for.
  std::set<std::string> found() { return std::exchange(found_, {}); }

 private:
  void look(const Changes& changes) {
    struct Sink final : WalkSink {
      explicit Sink(Watched& owner) : owner_(owner) {}
      Status on_file(FoundFile file) override {
        owner_.found_.insert(file.relative);
        return {};
      }
      void on_skip(SkippedPath /*path*/) override {}
      void on_directory(const std::string& path) override { owner_.watch_->add_directory(path); }
      Watched& owner_;
    } sink(*this);
    for (const std::string& root : roots_) {
      PathTree only;
      for (const std::string& path : changes.paths) {
        if (path == root) only.add("");
        if (path.starts_with(root + "/")) only.add(path.substr(root.size() + 1));
      }
      WalkOptions options;
      if (!changes.everything) options.only = &only;
      if (changes.everything || !only.empty()) (void)walk(root, options, sink).ok();
    }
  }

  ScratchDirectory scratch_;
  std::vector<std::string> roots_;
  std::unique_ptr<FileWatch> watch_;
  std::set<std::string> found_;
  std::stop_source stop_;
};

TEST(FileWatch, ASavedFileIsTold) {
  Watched watched;
  watched.write("a.md");
  EXPECT_THAT(watched.next(), ElementsAre("a.md"));
  EXPECT_TRUE(watched.watch().status().notified);
  EXPECT_EQ(watched.watch().status().directories, 1U);
  EXPECT_THAT(watched.watch().status().polled_because, IsEmpty());
}

TEST(FileWatch, WhatEditorsDoToSaveEndsInTheFileBeingTold) {
  Watched watched;
  watched.write("a.md");
  watched.next();
  // A new file in the place of the old one.
  watched.write("a.md.tmp", "new\n");
  fs::rename(watched / "a.md.tmp", watched / "a.md");
  EXPECT_THAT(watched.until("a.md"), Contains("a.md"));
  // vim: the old one is kept as a backup until the new one is written.
  fs::rename(watched / "a.md", watched / "a.md~");
  watched.write("a.md", "newer\n");
  fs::remove(watched / "a.md~");
  while (watched.found() != std::set<std::string>{"a.md"}) watched.next();
  // Truncated and written again.
  { std::ofstream(watched / "a.md", std::ios::trunc) << "newest\n"; }
  EXPECT_THAT(watched.until("a.md"), Contains("a.md"));
  fs::remove(watched / "a.md");
  EXPECT_THAT(watched.until("a.md"), Contains("a.md"));
}

TEST(FileWatch, AFileThatStaysOpenIsToldOnceNothingMoreComes) {
  WatchOptions options;
  options.open_file = std::chrono::milliseconds(50);
  Watched watched({}, options);
  std::ofstream log(watched / "a.log");
  log << "one line\n" << std::flush;  // it is not closed
  EXPECT_THAT(watched.next(), ElementsAre("a.log"));
  log << "another\n" << std::flush;
  EXPECT_THAT(watched.next(), ElementsAre("a.log"));
}

TEST(FileWatch, HiddenFilesAreNobodysBusiness) {
  Watched watched;
  watched.write(".a.md.swp");
  watched.write("a.md");
  EXPECT_THAT(watched.next(), ElementsAre("a.md"));
}

TEST(FileWatch, NewFoldersAreWatchedWithAllThatWasPutIntoThemMeanwhile) {
  Watched watched;
  watched.write("x/y/one.md");  // before anybody could watch x
  watched.find({"x/y/one.md"});
  watched.write("x/y/two.md");
  EXPECT_THAT(watched.next(), ElementsAre("x/y/two.md"));
  EXPECT_EQ(watched.watch().status().directories, 3U);
}

TEST(FileWatch, FilesAreNeverLostWhileFoldersAppear) {
  Watched watched;
  std::set<std::string> expected;
  std::set<std::string> found;
  for (int i = 0; i < 40; ++i) {
    const std::string folder = "f" + std::to_string(i);
    for (const char* name : {"/a.md", "/deep/b.md", "/deep/er/c.md"}) {
      watched.write(folder + name);
      expected.insert(folder + name);
    }
    if (i % 8 == 7) {  // looks begin amid the changes
      watched.next();
      found.merge(watched.found());
    }
  }
  while (found != expected) {
    ASSERT_THAT(watched.next(), ::testing::Not(Contains("everything")));
    found.merge(watched.found());
  }
}

TEST(FileWatch, AFolderThatIsMovedTakesItsWatchesToItsNewName) {
  Watched watched;
  watched.write("old/deep/a.md");
  watched.find({"old/deep/a.md"});
  fs::rename(watched / "old", watched / "new");
  EXPECT_THAT(watched.next(), UnorderedElementsAre("old", "new"));
  EXPECT_EQ(watched.watch().status().directories, 3U);
  watched.write("new/deep/a.md", "changed\n");
  EXPECT_THAT(watched.next(), ElementsAre("new/deep/a.md"));
  // Another folder in the old place.
  watched.found();
  watched.write("old/b.md");
  watched.find({"old/b.md"});
  watched.write("old/b.md", "changed\n");
  EXPECT_THAT(watched.next(), ElementsAre("old/b.md"));
}

TEST(FileWatch, AFolderThatIsMovedOutIsNotWatchedAnyMore) {
  Watched watched;
  watched.write("gone/a.md");
  watched.find({"gone/a.md"});
  fs::rename(watched / "gone", watched.scratch() / "elsewhere");
  EXPECT_THAT(watched.next(), ElementsAre("gone"));
  watched.scratch().write("elsewhere/a.md", "not ours any more\n");
  watched.write("ours.md");
  EXPECT_THAT(watched.next(), ElementsAre("ours.md"));
  fs::rename(watched.scratch() / "elsewhere", watched / "back");
  EXPECT_THAT(watched.next(), ElementsAre("back"));
  EXPECT_THAT(watched.found(), Contains("back/a.md"));
}

TEST(FileWatch, ARootThatIsRemovedAndMadeAgainIsWatchedAgain) {
  Watched watched;
  watched.write("a.md");
  watched.next();
  fs::rename(watched.root(), watched.scratch() / "away");
  EXPECT_THAT(watched.next(), ElementsAre(watched.root()));
  watched.found();
  watched.write("b.md");  // a new folder at the same path
  while (watched.found() != std::set<std::string>{"b.md"}) watched.next();
  watched.write("c.md");
  EXPECT_THAT(watched.next(), ElementsAre("c.md"));
}

TEST(FileWatch, ALinkAsARootIsFollowedWhereItIsSetNext) {
  const ScratchDirectory scratch;
  scratch.write("one/a.md");
  scratch.write("two/b.md");
  fs::create_directory_symlink(scratch / "one", scratch / "current");
  const auto watch = watch_files({scratch / "current"});
  fs::create_directory_symlink(scratch / "two", scratch / "next");
  fs::rename(scratch / "next", scratch / "current");
  EXPECT_THAT(watch->wait({}).paths, UnorderedElementsAre(scratch / "one", scratch / "two"));
}

TEST(FileWatch, RulesThatChangeHaveEverythingBelowThemJudgedAnew) {
  Watched watched;
  ScratchDirectory::run("git init -q '" + watched.root() + "'");
  watched.next();
  watched.write("build/out.md");
  watched.write("sub/build/out.md");
  watched.find({"build/out.md", "sub/build/out.md"});
  EXPECT_EQ(watched.watch().status().directories, 5U) << "these, and .git/info";
  watched.write("sub/.gitignore", "build\n");
  EXPECT_THAT(watched.next(), ElementsAre("sub"));
  watched.write("sub/build/out.md", "ignored\n");
  watched.write("build/out.md", "not ignored\n");
  EXPECT_THAT(watched.next(), ElementsAre("build/out.md"));
  // Rules of the checkout that stand elsewhere.
  watched.write(".git/info/exclude", "build/\n");
  EXPECT_THAT(watched.next(), ElementsAre(watched.root()));
  watched.write("build/out.md", "ignored, too\n");
  watched.write(".callslipignore", "*.log\n");
  EXPECT_THAT(watched.next(), ElementsAre(watched.root()));
}

TEST(FileWatch, RulesAboveARootCount) {
  const ScratchDirectory scratch;
  scratch.write("repository/src/a.md");
  ScratchDirectory::run("git init -q '" + (scratch / "repository") + "'");
  const std::string root = scratch / "repository/src";
  const auto watch = watch_files({root});
  watch->add_directory(root);
  scratch.write("repository/other.md");
  scratch.write("repository/.gitignore", "*.log\n");
  EXPECT_THAT(watch->wait({}).paths, ElementsAre(root));
}

TEST(FileWatch, OfAFileThatIsARootOnlyThatIsTold) {
  const ScratchDirectory scratch;
  const std::string file = scratch.write("notes/a.jsonl", "{}\n");
  const auto watch = watch_files({file});
  scratch.write("notes/other.md");
  scratch.write("notes/a.jsonl", "{\"_id\":\"1\",\"text\":\"x\"}\n");
  EXPECT_THAT(watch->wait({}).paths, ElementsAre(file));
  scratch.write("notes/.a.jsonl.new", "{}\n");
  fs::rename(scratch / "notes/.a.jsonl.new", file);
  EXPECT_THAT(watch->wait({}).paths, ElementsAre(file));
}

TEST(FileWatch, AnOverflowOfTheQueueHasEverythingLookedAt) {
  Watched watched;
  std::size_t most = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> most;
  if (most == 0 || most > 100'000) GTEST_SKIP() << "too long a queue to fill";
  watched.write("a.md");
  watched.write("b.md");
  // Two events that differ from the ones before them, each time.
  for (std::size_t i = 0; i <= most / 2; ++i) {
    ::truncate((watched / "a.md").c_str(), static_cast<off_t>(i % 7));
    ::truncate((watched / "b.md").c_str(), static_cast<off_t>(i % 7));
  }
  watched.write("last.md");
  EXPECT_THAT(watched.next(), ElementsAre("everything"));
  EXPECT_THAT(watched.found(), Contains("last.md"));
  EXPECT_EQ(watched.watch().status().overflows, 1U);
  watched.write("later.md");
  EXPECT_THAT(watched.next(), ElementsAre("later.md"));
}

TEST(FileWatch, WhatMayNotBeWatchedIsLookedAtNowAndThen) {
  WatchOptions options;
  options.max_directories = 2;
  options.poll_interval = std::chrono::milliseconds(50);
  Watched watched({}, options);
  watched.write("one/a.md");
  watched.write("two/b.md");
  watched.write("three/c.md");
  std::set<std::string> found;
  while (!found.contains("three/c.md")) {
    watched.next();
    found.merge(watched.found());
  }
  EXPECT_THAT(watched.next(), ElementsAre("everything"));
  const WatchStatus status = watched.watch().status();
  EXPECT_TRUE(status.notified);
  EXPECT_EQ(status.directories, 2U);
  EXPECT_THAT(status.polled_because, HasSubstr("no more than 2 folders"));
}

TEST(FileWatch, PollingSaysThatEverythingMayHaveChanged) {
  WatchOptions options;
  options.poll = true;
  options.poll_interval = std::chrono::milliseconds(10);
  const auto watch = watch_files({"/nowhere"}, options);
  EXPECT_TRUE(watch->wait({}).everything);
  EXPECT_TRUE(watch->wait({}).everything);
  EXPECT_FALSE(watch->status().notified);
  EXPECT_EQ(watch->status().polled_because, "asked for");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(watch->wait(stop.get_token()).empty());
}

TEST(FileWatch, StoppingEndsAWait) {
  const ScratchDirectory scratch;
  const auto watch = watch_files({scratch.path()});
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_TRUE(watch->wait(stop.get_token()).empty());
}

TEST(FileWatch, WhileGitChangesFilesNothingIsTold) {
  Watched watched;
  ScratchDirectory::run("git init -q '" + watched.root() + "'");
  watched.next();
  watched.write(".git/index.lock");
  watched.write("a.md");
  std::stop_source stop;
  std::jthread git([&] {
    // Longer than any quiet that the watch would take for the end.
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    watched.write("b.md");
    fs::rename(watched / ".git/index.lock", watched / ".git/index");
  });
  EXPECT_THAT(watched.next(), UnorderedElementsAre("a.md", "b.md"));
}

TEST(FileWatch, ALockThatGitHasHeldForLongIsNotWaitedFor) {
  Watched watched;
  ScratchDirectory::run("git init -q '" + watched.root() + "'");
  watched.next();
  watched.write(".git/index.lock");
  watched.write("a.md");
  WatchOptions options;
  options.checkout = std::chrono::seconds(0);
  Watched other({watched.root()}, options);
  watched.write("b.md");
  EXPECT_THAT(other.next(), ElementsAre(watched / "b.md"));
}

}  // namespace
}  // namespace callslip
