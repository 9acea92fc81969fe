#include "tools/daily_calls.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "tests/unit/scratch_directory.h"

namespace callslip {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

/// 2025-11-21, 23:59:59 UTC, until it is changed.
struct FakeClock {
  system_clock::time_point now{std::chrono::sys_days(std::chrono::year(2025) / 11 / 21) + 24h - 1s};
  DailyCalls::Now get() {
    return [this] { return now; };
  }
};

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(DailyCalls, GivesNoMoreThanTheBoundAndAnewTheNextDay) {
  const ScratchDirectory scratch;
  FakeClock clock;
  DailyCalls calls(scratch.path(), 10, clock.get());
  EXPECT_EQ(calls.calls_today(), 0U);
  EXPECT_EQ(calls.take(), 1U);
  EXPECT_EQ(calls.take(6), 6U);
  EXPECT_EQ(calls.take(6), 3U);
  EXPECT_EQ(calls.take(), 0U);
  EXPECT_EQ(calls.calls_today(), 10U);
  EXPECT_EQ(content_of(scratch / "daily_calls"), "2025-11-21 00000000000000000010\n");
  clock.now += 1s;
  EXPECT_EQ(calls.calls_today(), 0U);
  EXPECT_EQ(calls.take(4), 4U);
  EXPECT_EQ(content_of(scratch / "daily_calls"), "2025-11-22 00000000000000000004\n");
}

TEST(DailyCalls, TakesBackWhatWasNotCalled) {
  const ScratchDirectory scratch;
  FakeClock clock;
  DailyCalls calls(scratch.path(), 10, clock.get());
  EXPECT_EQ(calls.take(8), 8U);
  calls.give_back(3);
  EXPECT_EQ(calls.calls_today(), 5U);
  clock.now += 1s;
  calls.give_back(5);  // yesterday's
  EXPECT_EQ(calls.calls_today(), 0U);
  EXPECT_EQ(calls.take(20), 10U);
}

TEST(DailyCalls, AreThoseOfAllProcesses) {
  const ScratchDirectory scratch;
  FakeClock clock;
  DailyCalls one(scratch.path(), 10, clock.get());
  DailyCalls other(scratch.path(), 7, clock.get());
  EXPECT_EQ(one.take(5), 5U);
  EXPECT_EQ(other.calls_today(), 5U);
  EXPECT_EQ(other.take(5), 2U);
  other.give_back(1);
  EXPECT_EQ(one.take(5), 4U);
  EXPECT_EQ(other.take(), 0U);
}

TEST(DailyCalls, AreCountedExactlyByThreadsAndProcessesAtOnce) {
  const ScratchDirectory scratch;
  FakeClock clock;
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    DailyCalls calls(scratch.path(), 1000, clock.get());
    int taken = 0;
    while (taken < 200 && calls.take() == 1) ++taken;
    ::_exit(taken == 200 && calls.status().ok() ? 0 : 1);
  }
  DailyCalls calls(scratch.path(), 1000, clock.get());
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (calls.take() == 1) ++taken;
    });
  }
  for (std::thread& thread : threads) thread.join();
  int others = 0;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status == 0) others += 200;
  }
  // The children may find that nothing is left; nothing is lost and nothing given twice.
  EXPECT_LE(taken + others, 1000);
  EXPECT_GE(taken, 400);
  EXPECT_EQ(calls.calls_today(), 1000U);
}

TEST(DailyCalls, OutliveAKilledProcess) {
  const ScratchDirectory scratch;
  FakeClock clock;
  const pid_t child = ::fork();
  if (child == 0) {
    DailyCalls calls(scratch.path(), 100, clock.get());
    for (int i = 0; i < 40; ++i) calls.take();
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(DailyCalls(scratch.path(), 100, clock.get()).take(100), 60U);
}

TEST(DailyCalls, BeginAnewWhereTheFileIsNonsense) {
  FakeClock clock;
  for (const char* nonsense :
       {"", "2025-11-21", "2025-13-41 00000000000000000009\n", "################################",
        "9999999999-11-21 0000000000000001"}) {
    const ScratchDirectory scratch;
    scratch.write("daily_calls", nonsense);
    DailyCalls calls(scratch.path(), 10, clock.get());
    EXPECT_EQ(calls.calls_today(), 0U) << nonsense;
    EXPECT_EQ(calls.take(11), 10U) << nonsense;
    EXPECT_EQ(content_of(scratch / "daily_calls").substr(0, 32),
              "2025-11-21 00000000000000000010\n");
  }
}

TEST(DailyCalls, BeginAnewWhenTheFileIsDeleted) {
  const ScratchDirectory scratch;
  FakeClock clock;
  DailyCalls one(scratch.path(), 10, clock.get());
  DailyCalls other(scratch.path(), 10, clock.get());
  EXPECT_EQ(one.take(10), 10U);
  EXPECT_EQ(other.take(), 0U);
  std::filesystem::remove(scratch / "daily_calls");
  EXPECT_EQ(one.take(6), 6U);
  EXPECT_EQ(other.take(6), 4U);
}

TEST(DailyCalls, BoundThisProcessWhereThereIsNoFile) {
  const ScratchDirectory scratch;
  FakeClock clock;
  DailyCalls calls(scratch / "missing/too", 3, clock.get());
  EXPECT_TRUE(calls.status().ok());
  EXPECT_EQ(calls.take(2), 2U);
  EXPECT_EQ(calls.take(2), 1U);
  EXPECT_EQ(calls.take(), 0U);
  EXPECT_EQ(calls.calls_today(), 3U);
  ASSERT_FALSE(calls.status().ok());
  EXPECT_EQ(calls.status().error().message,
            (scratch / "missing/too/daily_calls") +
                ": No such file or directory; until that is mended, the bound on calls per day is "
                "kept for this process only");
}

TEST(DailyCalls, DoNotWaitForeverForAProcessThatHoldsTheLock) {
  const ScratchDirectory scratch;
  FakeClock clock;
  DailyCalls calls(scratch.path(), 10, clock.get());
  EXPECT_EQ(calls.take(4), 4U);
  const FileDescriptor holder(::open((scratch / "daily_calls").c_str(), O_RDONLY));
  ASSERT_EQ(::flock(holder.get(), LOCK_EX), 0);
  EXPECT_EQ(calls.take(10), 6U);
  EXPECT_FALSE(calls.status().ok());
}

}  // namespace
}  // namespace callslip
