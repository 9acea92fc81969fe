#include "index/store/segment.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "index/store/manifest.h"
#include "tests/support/indexed_folder.h"

namespace callslip {
namespace {

using test::IndexedFolder;
using test::random_prose;

TEST(Segment, ManyThreadsMayBeItsFirstReaders) {
  IndexedFolder folder;
  for (unsigned i = 0; i < 5; ++i) folder.write(std::to_string(i) + ".md", random_prose(i, 300));
  folder.refresh();
  const auto manifest = Manifest::load(folder.index_directory());
  ASSERT_TRUE(manifest);
  const SegmentInfo& info = manifest->segments.at(0).info;
  constexpr int kThreads = 8;
  for (int round = 0; round < 50; ++round) {
    const auto segment =
        Segment::open(folder.index_directory() + "/segments/" + info.name, info).value();
    std::barrier begin(kThreads);
    std::atomic<int> whole = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
          begin.arrive_and_wait();
          const auto list = segment->postings("part", {});
          if (list && !(*list)->chunks.empty()) ++whole;
          EXPECT_TRUE(list) << list.error().message;
        });
      }
    }
    ASSERT_EQ(whole, kThreads) << "round " << round;
  }
}

}  // namespace
}  // namespace callslip
