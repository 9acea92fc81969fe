#include "index/files/file_walker.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "scratch_directory.h"

namespace callslip {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class Collector : public WalkSink {
 public:
  Status on_file(FoundFile file) override {
    names.push_back(file.relative);
    files.push_back(std::move(file));
    return on_file_hook ? on_file_hook() : Status();
  }
  void on_skip(SkippedPath path) override {
    skipped[path.relative] = path;
    ++skips;
  }

  std::vector<std::string> names;
  std::vector<FoundFile> files;
  std::map<std::string, SkippedPath> skipped;
  std::size_t skips = 0;
  std::function<Status()> on_file_hook;
};

Collector collect(const std::string& root, const WalkOptions& options = {}) {
  Collector collector;
  const Status status = walk(root, options, collector);
  EXPECT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(collector.skips, collector.skipped.size()) << "something was reported twice";
  return collector;
}

std::vector<Glob> globs(const std::vector<std::string>& patterns) {
  return {patterns.begin(), patterns.end()};
}

/// Root may read everything, so tests of permissions act as somebody else for a while.
class AsNobody {
 public:
  AsNobody() : was_root_(::geteuid() == 0) {
    if (was_root_ && ::seteuid(65534) != 0) std::abort();
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  ~AsNobody() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  bool was_root_;
};

TEST(FileWalker, FindsFilesInByteOrderOfNamesPerDirectory) {
  const ScratchDirectory root;
  for (const char* name : {"b.txt", "a/z", "a/b/c", "a.txt", "B", "é", "z", "a-b"}) {
    root.write(name);
  }
  root.make_directory("empty");
  const Collector found = collect(root.path());
  EXPECT_THAT(found.names, ElementsAre("B", "a/b/c", "a/z", "a-b", "a.txt", "b.txt", "z", "é"));
  EXPECT_THAT(found.skipped, IsEmpty());
}

TEST(FileWalker, ReportsWhatTheSystemKnowsOfAFile) {
  const ScratchDirectory root;
  const std::string path = root.write("a/b.txt", "12345");
  const struct timespec times[2] = {{1, 0}, {1700000000, 123456789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  const Collector found = collect(root.path());
  ASSERT_EQ(found.files.size(), 1U);
  EXPECT_EQ(found.files[0].path, path);
  EXPECT_EQ(found.files[0].size, 5U);
  EXPECT_EQ(found.files[0].mtime_ns, 1700000000123456789);
  EXPECT_EQ(found.files[0].ctime_ns,
            status.st_ctim.tv_sec * std::int64_t{1'000'000'000} + status.st_ctim.tv_nsec);
  EXPECT_EQ(found.files[0].inode, status.st_ino);
}

TEST(FileWalker, RootMayBeRelativeAndEndWithASlash) {
  const ScratchDirectory root;
  root.write("d/a.txt");
  const fs::path before = fs::current_path();
  fs::current_path(root.path());
  EXPECT_THAT(collect("d//").names, ElementsAre("a.txt"));
  EXPECT_EQ(collect("./d").files[0].path, root / "d/a.txt");
  EXPECT_THAT(collect("d/a.txt").names, ElementsAre("a.txt"));
  fs::current_path(before);
}

TEST(FileWalker, SkipsHiddenFilesAndDirectories) {
  const ScratchDirectory root;
  root.write(".env");
  root.write(".git/config");
  root.write("a/.cache/x");
  root.write("a/x");
  const Collector found = collect(root.path());
  EXPECT_THAT(found.names, ElementsAre("a/x"));
  ASSERT_EQ(found.skipped.size(), 3U);
  EXPECT_EQ(found.skipped.at(".env").kind, SkipKind::hidden);
  EXPECT_FALSE(found.skipped.at(".env").directory);
  EXPECT_TRUE(found.skipped.at(".git").directory);
  EXPECT_TRUE(found.skipped.at("a/.cache").directory);
}

TEST(FileWalker, HiddenRootIsTaken) {
  const ScratchDirectory root;
  root.write(".notes/a.md");
  EXPECT_THAT(collect(root / ".notes").names, ElementsAre("a.md"));
}

TEST(FileWalker, RootThatIsAFileIsTakenEvenWhenHiddenIgnoredOrNotIncluded) {
  const ScratchDirectory root;
  root.make_directory(".git");
  root.write(".gitignore", ".secret\n");
  root.write(".secret", "1");
  WalkOptions options;
  options.include = globs({"*.md"});
  options.exclude = globs({"*"});
  const Collector found = collect(root / ".secret", options);
  EXPECT_THAT(found.names, ElementsAre(".secret"));
  EXPECT_EQ(found.files[0].path, root / ".secret");
}

TEST(FileWalker, RootThatIsALinkIsFollowed) {
  const ScratchDirectory root;
  root.write("v3.md", "123");
  root.write("d/x.md");
  fs::create_symlink("v3.md", root / "current.md");
  fs::create_symlink("d", root / "latest");
  const Collector file = collect(root / "current.md");
  EXPECT_THAT(file.names, ElementsAre("current.md"));
  EXPECT_EQ(file.files[0].path, root / "v3.md");
  EXPECT_EQ(file.files[0].size, 3U);
  const Collector directory = collect(root / "latest");
  EXPECT_THAT(directory.names, ElementsAre("x.md"));
  EXPECT_EQ(directory.files[0].path, root / "d/x.md");
}

TEST(FileWalker, RootThatCannotBeReadIsAnErrorThatSaysWhatToDo) {
  const ScratchDirectory root;
  Collector sink;
  Status status = walk(root / "missing", {}, sink);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::not_found);
  EXPECT_EQ(status.error().message,
            root / "missing" + " does not exist; check the path, or mount the disk it is on");

  fs::create_symlink("missing", root / "link");
  status = walk(root / "link", {}, sink);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::not_found);
  EXPECT_THAT(status.error().message, HasSubstr("a symlink that leads nowhere"));

  root.make_directory("closed");
  fs::permissions(root / "closed", fs::perms::none);
  {
    const AsNobody nobody;
    status = walk(root / "closed", {}, sink);
  }
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::io);
  EXPECT_EQ(status.error().message, "cannot read " + (root / "closed") +
                                        ": Permission denied; let this user read it, or leave it "
                                        "out");

  status = walk("/dev/null", {}, sink);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::unsupported);
  status = walk("", {}, sink);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::invalid_argument);
  EXPECT_THAT(sink.names, IsEmpty());
}

TEST(FileWalker, GitignoreCountsOnlyInACheckout) {
  const ScratchDirectory root;
  root.write(".gitignore", "*.log\n/build/\n");
  root.write("sub/.gitignore", "!keep.log\n");
  for (const char* name : {"a.log", "a.c", "build/x", "sub/b.log", "sub/keep.log", "sub/build/y"}) {
    root.write(name);
  }
  EXPECT_EQ(collect(root.path()).names.size(), 6U);
  root.make_directory(".git");
  const Collector found = collect(root.path());
  EXPECT_THAT(found.names, ElementsAre("a.c", "sub/build/y", "sub/keep.log"));
  EXPECT_EQ(found.skipped.at("sub/b.log").kind, SkipKind::ignored);
  EXPECT_EQ(found.skipped.at("sub/b.log").reason, "ignored by .gitignore:1: *.log");
  EXPECT_TRUE(found.skipped.at("build").directory);
  EXPECT_FALSE(found.skipped.contains("build/x"));
}

TEST(FileWalker, RulesFromTheCheckoutsTopApplyBelowIt) {
  const ScratchDirectory root;
  root.write(".git/info/exclude", "*.tmp\n");
  root.write(".gitignore", "*.log\n/docs/drafts/\n");
  root.write("docs/.gitignore", "*.bak\n");
  for (const char* name : {"a.md", "a.tmp", "a.log", "a.bak", "drafts/b.md"}) {
    root.write("docs/de/" + std::string(name));
  }
  root.write("docs/drafts/c.md");
  root.write("docs/drafts/c.log");
  const Collector found = collect(root / "docs/de");
  EXPECT_THAT(found.names, ElementsAre("a.md", "drafts/b.md"));
  EXPECT_EQ(found.skipped.at("a.tmp").reason, "ignored by .git/info/exclude:1: *.tmp");
  EXPECT_EQ(found.skipped.at("a.log").reason, "ignored by " + (root / ".gitignore") + ":1: *.log");
  // A root that the checkout ignores was asked for by name.
  EXPECT_THAT(collect(root / "docs/drafts").names, ElementsAre("c.log", "c.md"));
}

TEST(FileWalker, NestedRepositoriesFollowTheirOwnRules) {
  const ScratchDirectory root;
  root.make_directory(".git");
  root.write(".gitignore", "*.log\nvendor/\n");
  root.write(".callslipignore", "*.min.js\n");
  root.write("nested/.git/info/exclude", "*.x\n");
  root.write("nested/.gitignore", "*.o\n");
  for (const char* name : {"a.log", "a.o", "a.x", "deep/b.o", "deep/b.log", "a.min.js"}) {
    root.write("nested/" + std::string(name));
  }
  root.write("nested/deep/.gitignore", "!b.o\n");
  root.write("vendor/lib/.git/config");
  root.write("vendor/lib/x.c");
  root.write("z.log");
  EXPECT_THAT(collect(root.path()).names,
              ElementsAre("nested/a.log", "nested/deep/b.log", "nested/deep/b.o"));
}

TEST(FileWalker, WorktreesAndSubmodulesAreCheckouts) {
  const ScratchDirectory root;
  root.write("main/.git/info/exclude", "*.shared\n");
  root.write("main/.git/worktrees/w/commondir", "../..\n");
  root.write("w/.git", "gitdir: " + (root / "main/.git/worktrees/w") + "\n");
  root.write("main/.git/modules/s/info/exclude", "*.own\n");
  root.write("s/.git", "gitdir: ../main/.git/modules/s\n");
  for (const char* name : {"w/a.shared", "w/a.own", "w/a.log", "s/a.shared", "s/a.own"}) {
    root.write(name);
  }
  root.write("w/.gitignore", "*.log\n");
  EXPECT_THAT(collect(root / "w").names, ElementsAre("a.own"));
  EXPECT_THAT(collect(root / "s").names, ElementsAre("a.shared"));
}

TEST(FileWalker, CallslipignoreCountsAnywhereAndBeforeGit) {
  const ScratchDirectory root;
  root.write(".callslipignore", "*.csv\n!kept.log\n");
  root.write("sub/.callslipignore", "!b.csv\n");
  for (const char* name : {"a.csv", "kept.log", "sub/b.csv", "sub/c.csv"}) root.write(name);
  EXPECT_THAT(collect(root.path()).names, ElementsAre("kept.log", "sub/b.csv"));
  root.make_directory(".git");
  root.write(".gitignore", "*.log\n");
  root.write("other.log");
  const Collector found = collect(root.path());
  EXPECT_THAT(found.names, ElementsAre("kept.log", "sub/b.csv"));
  EXPECT_EQ(found.skipped.at("sub/c.csv").reason, "ignored by .callslipignore:1: *.csv");
}

TEST(FileWalker, IgnoreFilesThatAreNoRegularFilesDoNotCount) {
  const ScratchDirectory root;
  root.make_directory(".git");
  root.make_directory("d/.gitignore");
  root.write("rules", "*\n");
  fs::create_symlink("rules", root / ".gitignore");
  ASSERT_EQ(::mkfifo((root / ".callslipignore").c_str(), 0600), 0);
  root.write("d/a");
  EXPECT_THAT(collect(root.path()).names, ElementsAre("d/a", "rules"));
}

TEST(FileWalker, UnreadableIgnoreFileIsReported) {
  const ScratchDirectory root;
  const std::string rules = root.write("d/.callslipignore", "*\n");
  root.write("d/a");
  fs::permissions(rules, fs::perms::none);
  const AsNobody nobody;
  Collector found;
  ASSERT_TRUE(walk(root.path(), {}, found).ok());
  EXPECT_THAT(found.names, ElementsAre("d/a"));
  EXPECT_EQ(found.skips, 2U);  // as unreadable, and as any hidden file
}

TEST(FileWalker, AgreesWithGitOnARandomTree) {
  if (!ScratchDirectory::has_git()) GTEST_SKIP() << "git is not installed";
  const ScratchDirectory root;
  root.git("init -q");
  std::mt19937 random(5);
  const std::vector<std::string> names = {"a", "b", "c.o", "d.txt", "build", "é"};
  const std::vector<std::string> rules = {"*.o",    "!c.o",   "build/", "/a",     "b/*",
                                          "a/**",   "!/b/",   "**/a/b", "*",      "!*/",
                                          "!*.txt", "/b/a/*", "é",      "[ab].o", "build"};
  root.write(".git/info/exclude", "/d.txt\nb/c.o\n");
  const auto pick = [&random](const auto& from) { return from[random() % from.size()]; };
  for (int i = 0; i < 300; ++i) {
    std::string path;
    for (auto depth = random() % 4; depth > 0; --depth) path += pick(names) + "_/";
    root.write(path + pick(names) + (random() % 2 == 0 ? "" : ".o"));
    if (random() % 6 == 0) root.write(path + ".gitignore", pick(rules) + "\n" + pick(rules) + "\n");
  }
  std::vector<std::string> expected;
  std::istringstream lines(root.git("ls-files --others --exclude-standard"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.ends_with(".gitignore")) expected.push_back(line);
  }
  std::sort(expected.begin(), expected.end());
  std::vector<std::string> names_found = collect(root.path()).names;
  std::sort(names_found.begin(), names_found.end());
  EXPECT_GT(expected.size(), 20U);
  EXPECT_EQ(names_found, expected);
}

TEST(FileWalker, IncludeTakesOnlyWhatMatches) {
  const ScratchDirectory root;
  for (const char* name : {"a.md", "b.txt", "docs/c.md", "docs/d.txt", "src/e.c"}) root.write(name);
  WalkOptions options;
  options.include = globs({"*.md", "docs/*.txt"});
  const Collector found = collect(root.path(), options);
  EXPECT_THAT(found.names, ElementsAre("a.md", "docs/c.md", "docs/d.txt"));
  EXPECT_EQ(found.skipped.at("b.txt").kind, SkipKind::excluded);
  EXPECT_EQ(found.skipped.at("b.txt").reason, "not matched by --include");
  options.include = globs({"docs/"});
  EXPECT_THAT(collect(root.path(), options).names, ElementsAre("docs/c.md", "docs/d.txt"));
}

TEST(FileWalker, ExcludeTakesOutFilesAndDirectories) {
  const ScratchDirectory root;
  for (const char* name : {"a.md", "b.log", "node_modules/x.js", "src/node_modules/y.js",
                           "src/z.js", "build/o", "src/build/p"}) {
    root.write(name);
  }
  WalkOptions options;
  options.exclude = globs({"*.log", "node_modules", "/build/"});
  const Collector found = collect(root.path(), options);
  EXPECT_THAT(found.names, ElementsAre("a.md", "src/build/p", "src/z.js"));
  EXPECT_EQ(found.skipped.at("b.log").kind, SkipKind::excluded);
  EXPECT_TRUE(found.skipped.at("src/node_modules").directory);
  EXPECT_EQ(found.skipped.at("build").reason, "matched by --exclude /build/");
  EXPECT_FALSE(found.skipped.contains("build/o"));

  options.exclude = globs({"src/**", root / "build"});
  EXPECT_THAT(collect(root.path(), options).names,
              ElementsAre("a.md", "b.log", "node_modules/x.js"));
}

TEST(FileWalker, SymlinksAreNeverFollowed) {
  const ScratchDirectory scratch;
  const std::string root = scratch / "root";
  scratch.write("root/d/a.md");
  scratch.write("root-outside/b.md");
  fs::create_symlink("d/a.md", root + "/file");
  fs::create_symlink("d", root + "/directory");
  fs::create_symlink("..", root + "/d/loop");
  fs::create_symlink("../root-outside/b.md", root + "/out");
  fs::create_symlink("../root-outside", root + "/out-directory");
  fs::create_symlink("nothing", root + "/broken");
  fs::create_symlink("self", root + "/self");
  const Collector found = collect(root);
  EXPECT_THAT(found.names, ElementsAre("d/a.md"));
  const auto reason = [&found](const char* name) { return found.skipped.at(name).reason; };
  EXPECT_EQ(reason("file"), "symlink to d/a.md, which is looked at under its own name");
  EXPECT_EQ(reason("directory"), "symlink to d, which is looked at under its own name");
  EXPECT_EQ(reason("d/loop"), "symlink to the root itself");
  EXPECT_EQ(reason("out"), "symlink leads outside, to " + (scratch / "root-outside/b.md"));
  EXPECT_EQ(reason("out-directory"), "symlink leads outside, to " + (scratch / "root-outside"));
  EXPECT_EQ(reason("broken"), "broken symlink");
  EXPECT_EQ(reason("self"), "broken symlink");
  for (const auto& [name, skip] : found.skipped) EXPECT_EQ(skip.kind, SkipKind::symlink) << name;
}

TEST(FileWalker, SpecialFilesAreNotOpened) {
  const ScratchDirectory root;
  ASSERT_EQ(::mkfifo((root / "pipe").c_str(), 0600), 0);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_GE(socket, 0);
  struct sockaddr_un address {};
  address.sun_family = AF_UNIX;
  (root / "socket").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<struct sockaddr*>(&address), sizeof address), 0);
  ::close(socket);
  const Collector found = collect(root.path());
  EXPECT_THAT(found.names, IsEmpty());
  EXPECT_EQ(found.skipped.at("pipe").kind, SkipKind::special);
  EXPECT_EQ(found.skipped.at("socket").kind, SkipKind::special);
}

TEST(FileWalker, LargeFilesAreSkippedUnlessExempt) {
  const ScratchDirectory root;
  for (const char* name : {"big.txt", "big.jsonl", "small.txt"}) root.write(name);
  fs::resize_file(root / "big.txt", (1 << 20) + 1);
  fs::resize_file(root / "big.jsonl", 1 << 30);
  fs::resize_file(root / "small.txt", 1 << 20);
  WalkOptions options;
  options.max_file_size = 1 << 20;
  options.size_exempt = [](std::string_view name) { return name.ends_with(".jsonl"); };
  const Collector found = collect(root.path(), options);
  EXPECT_THAT(found.names, ElementsAre("big.jsonl", "small.txt"));
  EXPECT_EQ(found.skipped.at("big.txt").kind, SkipKind::too_large);
  EXPECT_EQ(found.skipped.at("big.txt").reason, "larger than 1 MiB (--max-file-size)");
  EXPECT_EQ(collect(root / "big.txt", options).skipped.at("big.txt").kind, SkipKind::too_large);
  options.max_file_size = 1000;
  EXPECT_EQ(collect(root.path(), options).skipped.at("small.txt").reason,
            "larger than 1000 bytes (--max-file-size)");
}

TEST(FileWalker, UnreadableDirectoryIsReportedAndTheRestGoesOn) {
  const ScratchDirectory root;
  root.write("a/x");
  root.write("closed/y");
  root.write("list-only/z");
  root.write("z");
  fs::permissions(root / "closed", fs::perms::none);
  fs::permissions(root / "list-only", fs::perms(0444));
  const AsNobody nobody;
  const Collector found = collect(root.path());
  EXPECT_THAT(found.names, ElementsAre("a/x", "z"));
  const SkippedPath& closed = found.skipped.at("closed");
  EXPECT_EQ(closed.kind, SkipKind::unreadable);
  EXPECT_TRUE(closed.directory);
  EXPECT_EQ(closed.reason, "cannot be read: Permission denied");
  EXPECT_EQ(found.skipped.at("list-only/z").kind, SkipKind::unreadable);
}

TEST(FileWalker, NamesThatAreNotUtf8AreReported) {
  const ScratchDirectory root;
  root.write("\xFF\xE9t\xE9/caf\xC3\xA9 \xC3.txt");
  const Collector found = collect(root.path());
  EXPECT_THAT(found.names, ElementsAre("%FF%E9t%E9/café %C3.txt"));
  EXPECT_EQ(found.files[0].path, root / "\xFF\xE9t\xE9/caf\xC3\xA9 \xC3.txt");
}

TEST(FileWalker, TreesDeeperThanPathsAndDescriptorsAllow) {
  const ScratchDirectory root;
  const std::string name = "directory";
  int directory = ::open(root.path().c_str(), O_RDONLY | O_DIRECTORY);
  for (int depth = 0; depth < 500; ++depth) {
    ASSERT_EQ(::mkdirat(directory, name.c_str(), 0755), 0);
    const int file = ::openat(directory, "z", O_WRONLY | O_CREAT, 0644);  // seen on the way back
    ASSERT_GE(file, 0);
    ::close(file);
    const int next = ::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY);
    ASSERT_GE(next, 0);
    ::close(directory);
    directory = next;
  }
  ::close(directory);

  struct rlimit limit {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const struct rlimit few = {64, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const Collector found = collect(root.path());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);

  const std::size_t deepest = (PATH_MAX - 1 - 2 - root.path().size()) / (name.size() + 1);
  EXPECT_EQ(found.names.size(), deepest + 1);
  EXPECT_EQ(found.files.front().path.size(), root.path().size() + deepest * (name.size() + 1) + 2);
  EXPECT_EQ(found.names.back(), "z");
  EXPECT_FALSE(found.skipped.empty());
  for (const auto& [relative, skip] : found.skipped) {
    EXPECT_EQ(skip.kind, SkipKind::unreadable);
    EXPECT_EQ(skip.reason, "path too long: more than 4095 bytes");
  }
}

TEST(FileWalker, WhatVanishesMeanwhileIsNoError) {
  const ScratchDirectory root;
  for (const char* name : {"a", "b", "c/x", "d"}) root.write(name);
  Collector found;
  found.on_file_hook = [&root] {
    fs::remove_all(root / "b");
    fs::remove_all(root / "c");
    return Status();
  };
  ASSERT_TRUE(walk(root.path(), {}, found).ok());
  EXPECT_THAT(found.names, ElementsAre("a", "d"));
  EXPECT_THAT(found.skipped, IsEmpty());
}

TEST(FileWalker, WhatIsReplacedByALinkMeanwhileIsNotFollowed) {
  const ScratchDirectory scratch;
  scratch.write("outside/secret");
  for (const char* name : {"root/a", "root/b", "root/c/x"}) scratch.write(name);
  Collector found;
  found.on_file_hook = [&scratch] {
    fs::remove_all(scratch / "root/b");
    fs::remove_all(scratch / "root/c");
    fs::create_symlink("../outside/secret", scratch / "root/b");
    fs::create_symlink("../outside", scratch / "root/c");
    return Status();
  };
  ASSERT_TRUE(walk(scratch / "root", {}, found).ok());
  EXPECT_THAT(found.names, ElementsAre("a"));
}

TEST(FileWalker, RootThatVanishesMeanwhileIsAnError) {
  const ScratchDirectory scratch;
  scratch.write("root/a");
  Collector found;
  found.on_file_hook = [&scratch] {
    fs::rename(scratch / "root", scratch / "moved");
    return Status();
  };
  const Status status = walk(scratch / "root", {}, found);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::not_found);
}

// An ancestor that is moved while its depths are read cannot be found again.
TEST(FileWalker, DeepDirectoryThatIsMovedMeanwhileIsReportedAsUnreadable) {
  const ScratchDirectory root;
  std::string deep;
  for (int i = 0; i < 60; ++i) deep += "d/";
  root.write("m/" + deep + "x");
  root.write("m/z");
  root.write("z");
  Collector found;
  found.on_file_hook = [&root, &found] {
    if (found.names.size() == 1) fs::rename(root / "m", root / "elsewhere");
    return Status();
  };
  ASSERT_TRUE(walk(root.path(), {}, found).ok());
  EXPECT_THAT(found.names, ElementsAre("m/" + deep + "x", "z"));
  EXPECT_EQ(found.skipped.at("m").kind, SkipKind::unreadable);
  EXPECT_TRUE(found.skipped.at("m").directory);
}

TEST(FileWalker, StopsWhenAsked) {
  const ScratchDirectory root;
  for (const char* name : {"a", "b", "c"}) root.write(name);
  std::stop_source source;
  WalkOptions options;
  options.stop = source.get_token();
  Collector found;
  found.on_file_hook = [&source] {
    source.request_stop();
    return Status();
  };
  const Status status = walk(root.path(), options, found);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::cancelled);
  EXPECT_THAT(found.names, ElementsAre("a"));
}

TEST(FileWalker, ErrorOfTheSinkEndsTheWalk) {
  const ScratchDirectory root;
  for (const char* name : {"a", "b"}) root.write(name);
  Collector found;
  found.on_file_hook = [] { return Status(Error{ErrorKind::io, "disk is full"}); };
  const Status status = walk(root.path(), {}, found);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "disk is full");
  EXPECT_THAT(found.names, ElementsAre("a"));
}

}  // namespace
}  // namespace callslip
