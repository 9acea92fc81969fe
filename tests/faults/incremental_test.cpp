// What `index` does again, and what it need not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/callslip_binary.h"
#include "tests/support/small_archive.h"

namespace callslip::testing_support {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

/// Old enough not to count as still being written.
void age(const std::string& path, time_t seconds) {
  const struct timespec times[2] = {{seconds, 0}, {seconds, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

TEST(Incremental, UnchangedTouchedChangedNewAndDeletedFilesAreToldApart) {
  const Shelf shelf;
  for (const char* name : {"same.md", "touched.md", "changed.md", "deleted.md"}) {
    age(shelf.write(name, std::string(name) + " heron\n"), 1700000000);
  }
  EXPECT_EQ(Counts(shelf.refresh()).indexed, 4);
  const Outcome nothing = shelf.refresh();
  EXPECT_EQ(Counts(nothing).unchanged, 4) << nothing.describe();
  EXPECT_EQ(Counts(nothing).indexed, 0);

  age(shelf / "docs/touched.md", 1700000999);
  shelf.write("changed.md", "this one speaks of a kestrel\n");
  shelf.remove("deleted.md");
  shelf.write("new.md", "new heron\n");
  const Outcome outcome = shelf.refresh();
  const Counts counts(outcome);
  EXPECT_EQ(counts.files, 4) << outcome.describe();
  EXPECT_EQ(counts.indexed, 2) << outcome.describe();
  EXPECT_EQ(counts.unchanged, 2) << outcome.describe();
  EXPECT_EQ(counts.removed, 1) << outcome.describe();
  EXPECT_THAT(shelf.names(),
              ElementsAre("docs/changed.md", "docs/new.md", "docs/same.md", "docs/touched.md"));
  EXPECT_THAT(shelf.found("kestrel"), ElementsAre("docs/changed.md"));
  EXPECT_THAT(shelf.found("deleted.md"), Not(Contains("docs/deleted.md")));
}

TEST(Incremental, AChangeOfEqualSizeAndTimeIsSeen) {
  const Shelf shelf;
  const std::string path = shelf.write("a.md", "one heron\n");
  age(path, 1700000000);
  shelf.refresh();
  shelf.write("a.md", "two heron\n");
  age(path, 1700000000);  // as a tool that keeps times does; the inode's change time tells
  EXPECT_EQ(Counts(shelf.refresh()).indexed, 1);
  EXPECT_THAT(shelf.ask({"search", "heron"}).at("chunks").at(0).at("text"), "two heron\n");
}

TEST(Incremental, WhatWasReadInPartIsReadAgainWithAPassword) {
  const Shelf shelf;
  const std::string locked =
      make_archive(SmallArchive::zip, {{"b.md", "a locked heron\n", ""}}, "egret");
  shelf.write("a.zip", make_archive(SmallArchive::zip,
                                    {{"a.md", "an open heron\n", ""}, {"b.zip", locked, ""}}));
  shelf.refresh();
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.zip/a.md"));
  EXPECT_EQ(Counts(shelf.refresh({"--password", "egret"})).indexed, 1);
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.zip/a.md", "docs/a.zip/b.zip/b.md"));
  EXPECT_EQ(Counts(shelf.refresh({"--password", "egret"})).unchanged, 1);
}

TEST(Incremental, AFileReplacedByAFolderAndBack) {
  const Shelf shelf;
  shelf.write("x.md", "a heron file\n");
  shelf.refresh();
  shelf.remove("x.md");
  shelf.write("x.md/inner.md", "a heron inside\n");
  shelf.refresh();
  EXPECT_THAT(shelf.names(), ElementsAre("docs/x.md/inner.md"));
  shelf.remove("x.md");
  shelf.write("x.md", "a heron file again\n");
  shelf.refresh();
  EXPECT_THAT(shelf.names(), ElementsAre("docs/x.md"));
}

TEST(Incremental, AFileThatCannotBeParsedAnyMoreLosesItsOldText) {
  const Shelf shelf;
  shelf.write("a.txt", "a heron\n");
  shelf.refresh();
  shelf.write("a.txt", std::string(4000, '\0'));
  const Outcome outcome = shelf.refresh();
  EXPECT_EQ(Counts(outcome).skipped, 1) << outcome.describe();
  EXPECT_THAT(shelf.names(), IsEmpty());
  EXPECT_EQ(Counts(shelf.refresh()).skipped, 1) << "it is named each time";
  shelf.write("a.txt", "a heron again\n");
  shelf.refresh();
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.txt"));
}

TEST(Incremental, RecordsOfACollectionComeAndGo) {
  const Shelf shelf;
  shelf.write("c.jsonl", "{\"_id\":\"1\",\"text\":\"one\"}\n{\"_id\":\"2\",\"text\":\"two\"}\n");
  shelf.refresh();
  shelf.write("c.jsonl", "{\"_id\":\"2\",\"text\":\"two\"}\n{\"_id\":\"3\",\"text\":\"three\"}\n");
  shelf.refresh();
  EXPECT_THAT(shelf.names(), ElementsAre("docs/c.jsonl#2", "docs/c.jsonl#3"));
  shelf.remove("c.jsonl");
  EXPECT_EQ(Counts(shelf.refresh()).removed, 1);
  EXPECT_THAT(shelf.names(), IsEmpty());
}

TEST(Incremental, WhatBecomesIgnoredOrExcludedGoes) {
  if (!ScratchDirectory::has_git()) GTEST_SKIP() << "needs git";
  const Shelf shelf;
  ScratchDirectory::run("git init -q '" + shelf.root() + "'");
  shelf.write(".gitignore", "*.log\nbuild/\n");
  shelf.write("a.md", "a heron\n");
  shelf.write("a.log", "a heron\n");
  shelf.write("build/out.md", "a heron\n");
  shelf.write("notes/b.md", "a heron\n");
  shelf.refresh();
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.md", "docs/notes/b.md"));
  shelf.write(".gitignore", "*.log\nnotes/\n");
  shelf.refresh();
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.md", "docs/build/out.md"));
  shelf.write(".callslipignore", "build\n");
  shelf.refresh();
  EXPECT_THAT(shelf.names(), ElementsAre("docs/a.md"));
  shelf.refresh({"--exclude", "a.*"});
  EXPECT_THAT(shelf.names(), IsEmpty());
}

}  // namespace
}  // namespace callslip::testing_support
