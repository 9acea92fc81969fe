#include "index/watch/burst.h"

#include <gmock/gmock.h>

namespace callslip {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

/// Times since some beginning.
Burst::Time at(int ms) { return Burst::Time(milliseconds(1'000'000 + ms)); }

TEST(Burst, IsDueWhenNothingMoreComes) {
  Burst burst({});
  EXPECT_FALSE(burst.due(at(0)).has_value());
  burst.add("/a", at(0));
  EXPECT_EQ(burst.due(at(1)), at(100));
  burst.add("/b", at(60));
  EXPECT_EQ(burst.due(at(61)), at(160));
  EXPECT_THAT(burst.take().paths, ElementsAre("/a", "/b"));
  EXPECT_FALSE(burst.due(at(200)).has_value());
}

TEST(Burst, OfFewFilesDoesNotWaitForLong) {
  Burst burst({});
  for (int i = 0; i < 20; ++i) burst.add("/log", at(i * 50));
  EXPECT_EQ(burst.due(at(1000)), at(500));
}

TEST(Burst, OfManyFilesWaitsForTheToolThatIsAtWork) {
  Burst burst({});
  for (int i = 0; i < 100; ++i) burst.add("/" + std::to_string(i), at(i * 50));
  EXPECT_TRUE(burst.large());
  EXPECT_EQ(burst.due(at(5000)), at(3000));
}

TEST(Burst, AnOpenFileCountsWhenItIsClosed) {
  Burst burst({});
  burst.add_open("/a", at(0));
  EXPECT_TRUE(burst.empty());
  EXPECT_EQ(burst.due(at(10)), at(300));
  burst.add("/a", at(50));
  EXPECT_EQ(burst.due(at(51)), at(150));
  burst.take();
  EXPECT_FALSE(burst.due(at(160)).has_value());
}

TEST(Burst, AFileThatIsNeverClosedCountsWhenNothingMoreIsWritten) {
  Burst burst({});
  burst.add_open("/a", at(0));
  burst.add_open("/a", at(200));
  EXPECT_EQ(burst.due(at(210)), at(500));
  EXPECT_LE(*burst.due(at(500)), at(500)) << "at once: it has waited";
  EXPECT_THAT(burst.take().paths, ElementsAre("/a"));
}

TEST(Burst, AFileThatIsWrittenWithoutEndCountsNowAndThen) {
  Burst burst({});
  int told = 0;
  for (int ms = 0; ms < 10'000; ms += 100) {
    burst.add_open("/a", at(ms));
    const auto due = burst.due(at(ms));
    if (due && *due <= at(ms)) told += static_cast<int>(burst.take().paths.size());
  }
  EXPECT_EQ(told, 3);
}

TEST(Burst, TooManyPathsAreEverything) {
  Burst burst({});
  for (int i = 0; i <= 100'000; ++i) burst.add("/" + std::to_string(i), at(0));
  EXPECT_TRUE(burst.take().everything);
}

TEST(Burst, KnowsWhatItTouches) {
  Burst burst({});
  burst.add("/home/x/project/a.c", at(0));
  burst.add("/home/x/project2", at(0));
  EXPECT_TRUE(burst.touches("/home/x/project"));
  EXPECT_TRUE(burst.touches("/home/x/project2"));
  EXPECT_FALSE(burst.touches("/home/x/proj"));
  EXPECT_FALSE(burst.touches("/home/x/project/b"));
}

}  // namespace
}  // namespace callslip
