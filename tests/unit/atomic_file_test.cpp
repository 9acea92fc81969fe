#include "index/files/atomic_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "scratch_directory.h"

namespace callslip {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr std::uint64_t megabyte = 1 << 20;

std::size_t entries(const std::string& directory) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

std::string content(const std::string& path) {
  const Result<std::string> bytes = read_file(path, 64 * megabyte);
  return bytes ? bytes.value() : "error: " + bytes.error().message;
}

TEST(AtomicFile, WritesAndReplaces) {
  const ScratchDirectory directory;
  const std::string path = directory / "state.json";
  for (const std::string& bytes : {std::string("one"), std::string(3 * megabyte, 'x'),
                                   std::string(), std::string("a\0b", 3)}) {
    const Status status = write_file_atomically(path, bytes);
    ASSERT_TRUE(status.ok()) << status.error().message;
    EXPECT_EQ(content(path), bytes);
  }
  EXPECT_EQ(entries(directory.path()), 1U);
}

TEST(AtomicFile, KeepsTheModeAndFollowsTheUmaskForANewFile) {
  const ScratchDirectory directory;
  const std::string path = directory / "key";
  const mode_t before = ::umask(027);
  ASSERT_TRUE(write_file_atomically(path, "1").ok());
  ::umask(before);
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0640));
  fs::permissions(path, fs::perms(0600));
  ASSERT_TRUE(write_file_atomically(path, "2").ok());
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0600));
  EXPECT_EQ(content(path), "2");
}

TEST(AtomicFile, LinkStaysALink) {
  const ScratchDirectory directory;
  directory.write("dotfiles/config", "old");
  fs::create_symlink("dotfiles/config", directory / "config");
  ASSERT_TRUE(write_file_atomically(directory / "config", "new").ok());
  EXPECT_TRUE(fs::is_symlink(directory / "config"));
  EXPECT_EQ(content(directory / "dotfiles/config"), "new");
}

TEST(AtomicFile, TakesNamesOfAnyLengthAndNamesWithoutADirectory) {
  const ScratchDirectory directory;
  EXPECT_TRUE(write_file_atomically(directory / std::string(255, 'n'), "x").ok());
  const fs::path before = fs::current_path();
  fs::current_path(directory.path());
  EXPECT_TRUE(write_file_atomically("bare", "y").ok());
  fs::current_path(before);
  EXPECT_EQ(content(directory / "bare"), "y");
  EXPECT_EQ(entries(directory.path()), 2U);
}

TEST(AtomicFile, FailureNamesThePathAndLeavesNothingBehind) {
  const ScratchDirectory directory;
  Status status = write_file_atomically(directory / "none/x", "1");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::io);
  EXPECT_EQ(status.error().message,
            "writing " + (directory / "none/x") + ": No such file or directory");

  directory.write("full/of/files");
  status = write_file_atomically(directory / "full", "1");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "writing " + (directory / "full") + ": Is a directory");
  EXPECT_EQ(entries(directory.path()), 1U);
}

// A limit of file sizes makes the kernel write a part and refuse the rest.
TEST(AtomicFile, WriteThatFailsHalfwayKeepsTheOldContent) {
  const ScratchDirectory directory;
  const std::string path = directory.write("state", "old");
  struct rlimit limit {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const struct rlimit low = {100'000, limit.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &low), 0);
  const Status status = write_file_atomically(path, std::string(megabyte, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "writing " + path + ": File too large");
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(entries(directory.path()), 1U);
}

TEST(AtomicFile, FullDiskIsSaidAndKeepsTheOldContent) {
  if (::geteuid() != 0) GTEST_SKIP() << "mounting a small file system needs root";
  const ScratchDirectory directory;
  const std::string path = directory / "state";
  // In a child with its own mounts, so that nothing stays mounted whatever happens.
  enum : int { no_mount = 77 };
  const pid_t child = ::fork();
  if (child == 0) {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", directory.path().c_str(), "tmpfs", 0, "size=256k") != 0) {
      ::_exit(no_mount);
    }
    if (!write_file_atomically(path, "old")) ::_exit(1);
    const Status status = write_file_atomically(path, std::string(megabyte, 'x'));
    if (status.ok() || status.error().kind != ErrorKind::io) ::_exit(2);
    if (status.error().message !=
        "writing " + path + ": disk is full; free some space and try again") {
      ::_exit(3);
    }
    if (content(path) != "old") ::_exit(4);
    if (entries(directory.path()) != 1) ::_exit(5);
    if (!write_file_atomically(path, "new") || content(path) != "new") ::_exit(6);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == no_mount) GTEST_SKIP() << "mounting is not allowed here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(AtomicFile, ReadersSeeTheOldContentOrTheNew) {
  const ScratchDirectory directory;
  const std::string path = directory / "state";
  const std::string one(50'000, '1');
  const std::string two(90'000, '2');
  ASSERT_TRUE(write_file_atomically(path, one).ok());
  std::atomic<bool> done = false;
  std::jthread writer([&] {
    for (int i = 0; i < 30; ++i) {
      if (!write_file_atomically(path, i % 2 == 0 ? two : one)) break;
    }
    done = true;
  });
  while (!done) {
    const std::string bytes = content(path);
    ASSERT_TRUE(bytes == one || bytes == two) << bytes.size();
  }
}

TEST(AtomicFile, WritersDoNotDisturbEachOther) {
  const ScratchDirectory directory;
  const std::string path = directory / "state";
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> writers;
    for (char c : {'a', 'b', 'c', 'd'}) {
      writers.emplace_back([&, c] {
        for (int i = 0; i < 10; ++i) {
          if (!write_file_atomically(path, std::string(10'000, c))) ++failures;
        }
      });
    }
  }
  EXPECT_EQ(failures, 0);
  const std::string bytes = content(path);
  EXPECT_EQ(bytes, std::string(10'000, bytes.front()));
  EXPECT_EQ(entries(directory.path()), 1U);
}

TEST(ReadFile, LimitIsInclusive) {
  const ScratchDirectory directory;
  const std::string path = directory.write("a", "12345");
  EXPECT_EQ(read_file(path, 5).value(), "12345");
  const Result<std::string> bytes = read_file(path, 4);
  ASSERT_FALSE(bytes.ok());
  EXPECT_EQ(bytes.error().kind, ErrorKind::unsupported);
  EXPECT_EQ(bytes.error().message, "reading " + path + ": larger than 4 bytes");
  EXPECT_EQ(read_file(directory.write("empty", ""), 0).value(), "");
}

TEST(ReadFile, ErrorsTellMissingFromUnreadable) {
  const ScratchDirectory directory;
  Result<std::string> bytes = read_file(directory / "none", 10);
  ASSERT_FALSE(bytes.ok());
  EXPECT_EQ(bytes.error().kind, ErrorKind::not_found);
  EXPECT_EQ(bytes.error().message,
            "reading " + (directory / "none") + ": No such file or directory");
  bytes = read_file(directory.path(), 10);
  ASSERT_FALSE(bytes.ok());
  EXPECT_EQ(bytes.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(bytes.error().message, EndsWith("not a regular file"));
  fs::create_symlink("self", directory / "self");
  bytes = read_file(directory / "self", 10);
  ASSERT_FALSE(bytes.ok());
  EXPECT_EQ(bytes.error().kind, ErrorKind::io);
}

TEST(ReadFile, PipeWithoutWriterDoesNotBlock) {
  const ScratchDirectory directory;
  ASSERT_EQ(::mkfifo((directory / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_file(directory / "pipe", 10).error().kind, ErrorKind::unsupported);
}

TEST(ReadFile, FileWhoseSizeIsNotKnownIsReadToItsEnd) {
  const Result<std::string> bytes = read_file("/proc/self/status", megabyte);
  ASSERT_TRUE(bytes.ok()) << bytes.error().message;
  EXPECT_THAT(bytes.value(), HasSubstr("Threads:"));
  EXPECT_EQ(read_file("/proc/self/status", 10).error().kind, ErrorKind::unsupported);
}

TEST(ReadFile, FileThatGrowsAndShrinksIsReadAsItIs) {
  const ScratchDirectory directory;
  const std::string path = directory.write("log", "");
  std::atomic<bool> done = false;
  std::jthread writer([&] {
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND);
    const std::string line(10'000, 'x');
    for (int i = 0; i < 300; ++i) {
      if (::write(fd, line.data(), line.size()) < 0) break;
      if (i % 40 == 39 && ::ftruncate(fd, 100) != 0) break;
    }
    ::close(fd);
    done = true;
  });
  while (!done) {
    const Result<std::string> bytes = read_file(path, 64 * megabyte);
    ASSERT_TRUE(bytes.ok()) << bytes.error().message;
    EXPECT_EQ(bytes.value().find_first_not_of('x'), std::string::npos);
  }
}

TEST(Sync, FilesAndDirectoriesCanBeSynced) {
  const ScratchDirectory directory;
  EXPECT_TRUE(sync_file(directory.write("a")).ok());
  EXPECT_TRUE(sync_directory(directory.path()).ok());
  EXPECT_EQ(sync_file(directory / "none").error().message,
            "syncing " + (directory / "none") + ": No such file or directory");
  EXPECT_EQ(sync_directory(directory / "a").error().kind, ErrorKind::io);
}

}  // namespace
}  // namespace callslip
