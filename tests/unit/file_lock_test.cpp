#include "index/files/file_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "scratch_directory.h"

namespace callslip {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// Another process; `body` runs once the parent may go on, which it tells by closing `ready`.
class Child {
 public:
  explicit Child(const std::function<void(int ready)>& body) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      body(ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    char byte = 0;
    ready_ = ::read(ends[0], &byte, 1) == 1;
    ::close(ends[0]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  pid_t pid() const { return pid_; }
  bool ready() const { return ready_; }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  bool ready_ = false;
};

/// Holds the lock until killed, or for a while.
std::function<void(int)> holding(const std::string& path,
                                 std::optional<std::chrono::milliseconds> time = std::nullopt) {
  return [path, time](int ready) {
    const Result<FileLock> lock = FileLock::acquire(path, 0ms);
    if (!lock) ::_exit(1);
    if (::write(ready, "x", 1) != 1) ::_exit(1);
    std::this_thread::sleep_for(time.value_or(1min));
  };
}

TEST(FileLock, IsTakenAndReleased) {
  const ScratchDirectory directory;
  const std::string path = directory / "write.lock";
  for (int i = 0; i < 3; ++i) {
    const Result<FileLock> lock = FileLock::acquire(path, 0ms);
    ASSERT_TRUE(lock.ok()) << lock.error().message;
  }
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(FileLock, NamesTheProcessThatHoldsIt) {
  const ScratchDirectory directory;
  const std::string path = directory / "write.lock";
  const Child child(holding(path));
  ASSERT_TRUE(child.ready());
  const Result<FileLock> lock = FileLock::acquire(path, 0ms);
  ASSERT_FALSE(lock.ok());
  EXPECT_EQ(lock.error().kind, ErrorKind::locked);
  EXPECT_EQ(lock.error().message, "another callslip is writing to this index (pid " +
                                      std::to_string(child.pid()) + "); wait for it or stop it");
}

TEST(FileLock, IsFreeWhenItsHolderWasKilled) {
  const ScratchDirectory directory;
  const std::string path = directory / "write.lock";
  Child child(holding(path));
  ASSERT_TRUE(child.ready());
  child.end();
  EXPECT_TRUE(FileLock::acquire(path, 0ms).ok());
}

TEST(FileLock, WaitsForTheHolder) {
  const ScratchDirectory directory;
  const std::string path = directory / "write.lock";
  const Child child(holding(path, 60ms));
  ASSERT_TRUE(child.ready());
  EXPECT_FALSE(FileLock::acquire(path, 1ms).ok());
  EXPECT_TRUE(FileLock::acquire(path, 30s).ok());
}

TEST(FileLock, HoldsWithinOneProcessToo) {
  const ScratchDirectory directory;
  const std::string path = directory / "write.lock";
  std::optional<Result<FileLock>> lock = FileLock::acquire(path, 0ms);
  ASSERT_TRUE(lock->ok());
  EXPECT_FALSE(FileLock::acquire(path, 0ms).ok());
  lock.reset();
  EXPECT_TRUE(FileLock::acquire(path, 0ms).ok());
}

TEST(FileLock, MovesWithItsOwner) {
  const ScratchDirectory directory;
  const std::string path = directory / "write.lock";
  Result<FileLock> first = FileLock::acquire(path, 0ms);
  ASSERT_TRUE(first.ok());
  {
    const FileLock second = std::move(first).value();
    EXPECT_FALSE(FileLock::acquire(path, 0ms).ok());
  }
  EXPECT_TRUE(FileLock::acquire(path, 0ms).ok());
}

TEST(FileLock, StopEndsTheWait) {
  const ScratchDirectory directory;
  const std::string path = directory / "write.lock";
  const Result<FileLock> holder = FileLock::acquire(path, 0ms);
  ASSERT_TRUE(holder.ok());
  std::stop_source source;
  std::jthread stopper([&source] { source.request_stop(); });
  const Result<FileLock> lock = FileLock::acquire(path, 1h, source.get_token());
  ASSERT_FALSE(lock.ok());
  EXPECT_EQ(lock.error().kind, ErrorKind::cancelled);
}

TEST(FileLock, NoticesThatTheIndexWasMadeAnew) {
  const ScratchDirectory directory;
  const std::string path = directory / "write.lock";
  const Result<FileLock> old = FileLock::acquire(path, 0ms);
  ASSERT_TRUE(old.ok());
  std::filesystem::remove(path);
  const Result<FileLock> fresh = FileLock::acquire(path, 0ms);
  EXPECT_TRUE(fresh.ok());
  EXPECT_FALSE(FileLock::acquire(path, 0ms).ok());
}

TEST(FileLock, HolderWithoutANumberIsStillReported) {
  const ScratchDirectory directory;
  const std::string path = directory / "write.lock";
  const Result<FileLock> holder = FileLock::acquire(path, 0ms);
  ASSERT_TRUE(holder.ok());
  std::filesystem::resize_file(path, 0);
  EXPECT_EQ(FileLock::acquire(path, 0ms).error().message,
            "another callslip is writing to this index; wait for it or stop it");
}

TEST(FileLock, MissingDirectoryIsAnError) {
  const ScratchDirectory directory;
  const Result<FileLock> lock = FileLock::acquire(directory / "none/write.lock", 0ms);
  ASSERT_FALSE(lock.ok());
  EXPECT_EQ(lock.error().kind, ErrorKind::not_found);
  EXPECT_EQ(lock.error().message,
            "locking " + (directory / "none/write.lock") + ": No such file or directory");
}

}  // namespace
}  // namespace callslip
