#include "index/files/file_states.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "index/formats/format_list.h"
#include "tests/unit/scratch_directory.h"

namespace callslip::test {
namespace {

namespace fs = std::filesystem;

class FileStatesTest : public ::testing::Test {
 protected:
  static FileState state(std::uint64_t size) {
    FileState state;
    state.size = size;
    state.inode = 7;
    return state;
  }
  ScratchDirectory scratch_;
  const std::string path_ = scratch_ / "states";
};

TEST_F(FileStatesTest, ChangesAreWrittenBehindWhatIsThere) {
  const auto bytes = save_file_states(path_, {{"a", state(1)}, {"b", state(2)}});
  ASSERT_TRUE(bytes.ok());
  FileStateChanges changes;
  changes.seen.emplace("c", state(3));
  changes.seen.emplace("b", state(4));
  changes.gone.push_back("a");
  const auto more = append_file_states(path_, *bytes, changes);
  ASSERT_TRUE(more.ok() && more->has_value());
  EXPECT_EQ(**more, fs::file_size(path_));
  const auto before = load_file_states(path_, *bytes);
  ASSERT_TRUE(before.ok()) << "who knows the older manifest";
  EXPECT_EQ(before->at("b").size, 2U);
  const auto now = load_file_states(path_, **more);
  ASSERT_TRUE(now.ok());
  EXPECT_EQ(now->size(), 2U);
  EXPECT_EQ(now->at("b").size, 4U);
  EXPECT_EQ(now->at("c").inode, 7U);
}

TEST_F(FileStatesTest, WhatACommitThatNeverWasLeftBehindIsWrittenOver) {
  const auto bytes = save_file_states(path_, {{"a", state(1)}});
  ASSERT_TRUE(bytes.ok());
  FileStateChanges lost;
  lost.seen.emplace("lost", state(9));
  ASSERT_TRUE(append_file_states(path_, *bytes, lost).ok());
  FileStateChanges changes;
  changes.seen.emplace("b", state(2));
  const auto more = append_file_states(path_, *bytes, changes);
  ASSERT_TRUE(more.ok() && more->has_value());
  const auto now = load_file_states(path_, **more);
  ASSERT_TRUE(now.ok());
  EXPECT_FALSE(now->contains("lost"));
  EXPECT_TRUE(now->contains("b"));
}

TEST_F(FileStatesTest, AFileThatGrewTooLongOrIsNotAsItShouldBeIsToBeWrittenAnew) {
  auto bytes = save_file_states(path_, {{"a", state(1)}});
  ASSERT_TRUE(bytes.ok());
  std::uint64_t length = *bytes;
  int appended = 0;
  for (std::optional<std::uint64_t> more = length; more; ++appended) {
    FileStateChanges changes;
    for (int i = 0; i < 100; ++i) {
      changes.seen.emplace(std::to_string(appended * 7919 + i * 104729), state(1));
    }
    const auto next = append_file_states(path_, length, changes);
    ASSERT_TRUE(next.ok());
    more = *next;
    length = more.value_or(0);
  }
  EXPECT_GT(appended, 10);
  fs::resize_file(path_, *bytes - 1);
  EXPECT_FALSE(append_file_states(path_, *bytes, {})->has_value());
  EXPECT_EQ(load_file_states(path_, *bytes).error().kind, ErrorKind::damaged);
  fs::remove(path_);
  EXPECT_FALSE(append_file_states(path_, *bytes, {})->has_value());
}

TEST_F(FileStatesTest, AreNotTakenFromAnIndexWhoseFilesWereReadDifferently) {
  const auto bytes = save_file_states(path_, {{"a", state(1)}});
  ASSERT_TRUE(bytes.ok());
  {
    // Behind the magic number, before what the checksum covers.
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    const std::uint64_t before = kReadersRevision - 1;
    file.seekp(sizeof(std::uint64_t));
    file.write(reinterpret_cast<const char*>(&before), sizeof before);
  }
  EXPECT_EQ(load_file_states(path_, *bytes).error().kind, ErrorKind::damaged);
  EXPECT_FALSE(append_file_states(path_, *bytes, {})->has_value());
}

}  // namespace
}  // namespace callslip::test
