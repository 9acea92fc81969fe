#include "plugin/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <stdexcept>
#include <vector>

namespace callslip {
namespace {

using namespace std::chrono_literals;

TEST(WorkerPoolTest, RunsEveryJobThatItTook) {
  std::atomic<int> done{0};
  {
    WorkerPool pool(4, 1000);
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(pool.submit([&] { ++done; }));
  }
  EXPECT_EQ(done, 1000);
}

TEST(WorkerPoolTest, RefusesAJobWhenThreadsAndQueueAreFull) {
  std::latch release(1);
  std::atomic<int> done{0};
  WorkerPool pool(2, 3);
  const auto job = [&] {
    release.wait();
    ++done;
  };
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(pool.submit(job)) << i;
  EXPECT_FALSE(pool.submit(job));
  release.count_down();
  EXPECT_TRUE(pool.drain(10s));
  EXPECT_EQ(done, 5);
}

TEST(WorkerPoolTest, RunsJobsSideBySide) {
  std::latch together(3);
  WorkerPool pool(3, 0);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.submit([&] { together.arrive_and_wait(); }));
  EXPECT_TRUE(pool.drain(10s));
}

TEST(WorkerPoolTest, RunsInlineWithoutThreads) {
  WorkerPool pool(0, 0);
  std::vector<int> order;
  EXPECT_TRUE(pool.submit([&] {
    order.push_back(1);
    pool.submit([&] { order.push_back(2); });
    order.push_back(3);
  }));
  order.push_back(4);
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4}));
}

TEST(WorkerPoolTest, DrainTakesNothingNewAndSaysWhenTimeIsUp) {
  std::latch release(1);
  WorkerPool pool(1, 10);
  std::atomic<int> done{0};
  pool.submit([&] {
    release.wait();
    ++done;
  });
  pool.submit([&] { ++done; });
  EXPECT_FALSE(pool.drain(1ms));
  EXPECT_FALSE(pool.submit([&] { ++done; }));
  release.count_down();
  EXPECT_TRUE(pool.drain(10s));
  EXPECT_EQ(done, 2);
  EXPECT_TRUE(pool.drain(1ms));
}

TEST(WorkerPoolTest, HasReleasedWhatAJobHeldWhenItIsDrained) {
  const auto held = std::make_shared<int>(7);
  WorkerPool pool(2, 10);
  for (int i = 0; i < 10; ++i) pool.submit([held] {});
  EXPECT_TRUE(pool.drain(10s));
  EXPECT_EQ(held.use_count(), 1);
}

TEST(WorkerPoolDeathTest, AJobThatThrowsIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        WorkerPool pool(0, 0);
        pool.submit([] { throw std::runtime_error("escaped"); });
      },
      "");
}

}  // namespace
}  // namespace callslip
