// A disk that is full: said, nothing indexed is lost, and the work is finished once there is room.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/callslip_binary.h"
#include "tests/support/small_disk.h"

namespace callslip::testing_support {
namespace {

TEST(FullDiskFault, IsSaidAndTheLastCommitStaysAndTheWorkIsFinishedLater) {
  const Shelf shelf;
  const SmallDisk disk(shelf / "disk", "12m");
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small file system needs root";
  const std::string index = shelf / "disk/index";
  const auto run = [&](std::vector<std::string> line) {
    line.insert(line.end(), {"--index", index});
    return run_callslip(line);
  };
  shelf.write("first.md", "the first heron\n");
  ASSERT_TRUE(exited(run({"index", shelf.root()}), 0));

  unsigned state = 7;
  for (int i = 0; i < 60; ++i) {
    std::string text;
    while (text.size() < 30'000) {
      state = state * 1664525U + 1013904223U;
      text += "w" + std::to_string(state >> 12) + " ";
    }
    shelf.write("more" + std::to_string(i) + ".md", text + "kestrel\n");
  }
  int failed = 0;
  for (const std::uint64_t free : {0ULL, 4096ULL, 12'000ULL, 40'000ULL, 150'000ULL, 400'000ULL,
                                   900'000ULL, 1'500'000ULL, 2'500'000ULL, 4'000'000ULL}) {
    disk.fill(free);
    const Outcome outcome = run({"index", shelf.root()});
    EXPECT_TRUE(ended_by_itself(outcome)) << free;
    if (outcome.exit_code != 0) {
      ++failed;
      EXPECT_TRUE(refused(outcome, {"disk is full"})) << free;
    }
    const Outcome search = run({"search", "first heron", "--ranked", "--json"});
    EXPECT_TRUE(exited(search, 0)) << free;
    EXPECT_THAT(search.out, ::testing::HasSubstr("docs/first.md")) << free;
    EXPECT_TRUE(exited(run({"read", "where is the first heron?"}), 0)) << free;
    if (outcome.exit_code == 0) break;
  }
  EXPECT_GE(failed, 5);
  disk.make_room();
  const Outcome outcome = run({"index", shelf.root()});
  EXPECT_TRUE(exited(outcome, 0));
  EXPECT_EQ(Counts(outcome).files, 61);
  const Outcome search = run({"list", "docs/more59.md"});
  EXPECT_THAT(search.out, ::testing::HasSubstr("docs/more59.md"));
  // Nothing of the failed runs stays.
  std::uint64_t scratch = 0;
  for (const auto& entry : std::filesystem::directory_iterator(index + "/scratch")) {
    scratch += entry.exists() ? 1 : 0;
  }
  EXPECT_EQ(scratch, 0U);
}

TEST(FullDiskFault, ADiskWithoutRoomForAnIndexIsSaid) {
  const Shelf shelf;
  const SmallDisk disk(shelf / "disk", "64k");
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small file system needs root";
  shelf.write("a.md", "a heron\n");
  disk.fill(0);
  EXPECT_TRUE(refused(run_callslip({"index", shelf.root(), "--index", shelf / "disk/index"}),
                      {"disk is full"}));
}

TEST(UnmountedRootFault, TheEmptyMountPointDeletesNothing) {
  const Shelf shelf;
  SmallDisk disk(shelf / "usb", "1m");
  if (!disk.mounted()) GTEST_SKIP() << "mounting a small file system needs root";
  shelf.scratch().write("usb/a.md", "a heron\n");
  shelf.scratch().write("usb/b.md", "another heron\n");
  ASSERT_TRUE(exited(shelf.run({"index", shelf / "usb"}), 0));
  disk.unmount();
  const Outcome outcome = shelf.run({"index", shelf / "usb"});
  EXPECT_TRUE(exited(outcome, 0));
  EXPECT_THAT(shelf.names(), ::testing::ElementsAre("usb/a.md", "usb/b.md"));
  EXPECT_THAT(outcome.err, ::testing::HasSubstr(shelf / "usb"));
  EXPECT_TRUE(exited(shelf.run({"index", shelf / "usb", "--strict"}), 1));
}

}  // namespace
}  // namespace callslip::testing_support
