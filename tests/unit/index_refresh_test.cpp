// Indexer::refresh: looks only where it is told to; and what was moved is not parsed again.

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/support/document_tree.h"
#include "tests/support/indexed_folder.h"

namespace callslip::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Refresh : public ::testing::Test {
 protected:
  /// Looks at these names below the root.
  IndexSummary refresh(const std::vector<std::string>& names) {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(folder_.root() + "/" + name);
    auto summary = Indexer(writer(), {}).refresh({folder_.root()}, paths);
    if (!summary) throw std::runtime_error(summary.error().message);
    return std::move(summary).value();
  }
  IndexSummary run(IndexerOptions options = {}) {
    auto summary = Indexer(writer(), std::move(options)).run({folder_.root()});
    if (!summary) throw std::runtime_error(summary.error().message);
    return std::move(summary).value();
  }
  IndexWriter& writer() {
    if (!writer_) {
      auto opened = IndexWriter::open(folder_.index_directory(), {});
      if (!opened) throw std::runtime_error(opened.error().message);
      writer_ = std::move(opened).value();
    }
    return *writer_;
  }
  std::map<std::string, std::string> texts() {
    return testing_support::texts_in(folder_.index_directory(), "docs");
  }
  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& [name, text] : texts()) names.push_back(name);
    return names;
  }

  IndexedFolder folder_;
  std::unique_ptr<IndexWriter> writer_;
};

TEST_F(Refresh, SeesOnlyWhatItIsTold) {
  folder_.write("a.md", "one\n");
  folder_.write("b.md", "one\n");
  folder_.write("sub/c.md", "one\n");
  run();
  for (const char* name : {"a.md", "b.md", "sub/c.md"}) folder_.write(name, "another\n");
  IndexSummary summary = refresh({"a.md"});
  EXPECT_EQ(summary.indexed, 1U);
  EXPECT_EQ(summary.files, 1U);
  EXPECT_EQ(texts(), (std::map<std::string, std::string>{
                         {"a.md", "another\n"}, {"b.md", "one\n"}, {"sub/c.md", "one\n"}}));
  summary = refresh({"sub", "b.md"});
  EXPECT_EQ(summary.indexed, 2U);
  EXPECT_EQ(run().unchanged, 3U) << "nothing is left for a look at everything";
}

TEST_F(Refresh, FollowsTheRulesOfAWholeWalk) {
  folder_.write(".callslipignore", "build/\n*.log\n");
  folder_.write("a.md", "one\n");
  run();
  folder_.write("build/out.md", "ignored\n");
  folder_.write("sub/b.log", "ignored\n");
  folder_.write("sub/.hidden.md", "hidden\n");
  folder_.write("sub/b.md", "one\n");
  refresh({"build", "build/out.md", "sub/b.log", "sub/.hidden.md", "sub/b.md", "nowhere/x.md"});
  EXPECT_THAT(names(), ElementsAre("a.md", "sub/b.md"));
}

TEST_F(Refresh, WhatIsGoneGoes) {
  for (const char* name : {"a.md", "sub/b.md", "sub/deep/c.md", "sub2/d.md"}) {
    folder_.write(name, "one\n");
  }
  run();
  folder_.remove("sub");
  folder_.remove("a.md");
  EXPECT_EQ(refresh({"sub"}).removed, 2U);
  EXPECT_THAT(names(), ElementsAre("a.md", "sub2/d.md"));
  EXPECT_EQ(refresh({"a.md"}).removed, 1U);
  EXPECT_THAT(names(), ElementsAre("sub2/d.md"));
}

TEST_F(Refresh, AFileInAFoldersPlaceAndBack) {
  folder_.write("x/inner.md", "one\n");
  run();
  folder_.remove("x");
  folder_.write("x", "a file\n");
  refresh({"x"});
  EXPECT_THAT(names(), ElementsAre("x"));
  folder_.remove("x");
  folder_.write("x/inner.md", "one\n");
  refresh({"x/inner.md"});  // all that a watch may have seen of it
  EXPECT_THAT(names(), ::testing::Contains("x/inner.md"));
  refresh({"x"});
  EXPECT_THAT(names(), ElementsAre("x/inner.md"));
}

TEST_F(Refresh, AMissingRootChangesNothingAndIsWarnedAbout) {
  folder_.write("a.md", "one\n");
  run();
  fs::rename(folder_.root(), folder_.root() + ".away");
  const IndexSummary summary = refresh({"a.md"});
  EXPECT_THAT(summary.warnings, SizeIs(1));
  EXPECT_THAT(names(), ElementsAre("a.md"));
}

TEST_F(Refresh, NamesThatAreNoTextAreFound) {
  const std::string name = "caf\xE9.md";  // Latin-1
  folder_.write(name, "one\n");
  run();
  EXPECT_THAT(names(), ElementsAre("caf%E9.md"));
  folder_.write(name, "another\n");
  EXPECT_EQ(refresh({name}).indexed, 1U);
  folder_.remove(name);
  EXPECT_EQ(refresh({name}).removed, 1U);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Refresh, ATouchedFileMakesNoNewRevision) {
  folder_.write("a.md", "one\n");
  run();
  const std::string before = folder_.snapshot()->revision();
  fs::last_write_time(folder_.root() + "/a.md", fs::file_time_type::clock::now());
  EXPECT_EQ(refresh({"a.md"}).unchanged, 1U);
  EXPECT_EQ(folder_.snapshot()->revision(), before);
  folder_.write("a.md", "another\n");
  refresh({"a.md"});
  EXPECT_NE(folder_.snapshot()->revision(), before);
}

TEST_F(Refresh, AMovedFolderIsTakenOverAsItIs) {
  for (int i = 0; i < 50; ++i) {
    folder_.write("old/" + std::to_string(i) + ".md", random_prose(static_cast<unsigned>(i), 900));
  }
  run();
  const auto before = texts();
  const std::uint64_t revision = folder_.snapshot()->manifest().revision;
  const auto chunks = folder_.snapshot()->chunk_count();
  fs::rename(folder_.root() + "/old", folder_.root() + "/new");
  const IndexSummary summary = refresh({"old", "new"});
  EXPECT_EQ(summary.moved, 50U);
  EXPECT_EQ(summary.removed, 50U);
  EXPECT_EQ(folder_.snapshot()->manifest().revision, revision + 1);
  EXPECT_EQ(folder_.snapshot()->chunk_count(), chunks);
  std::map<std::string, std::string> expected;
  for (const auto& [name, text] : before) expected["new" + name.substr(3)] = text;
  EXPECT_EQ(texts(), expected);
  EXPECT_EQ(run().unchanged, 50U);
}

TEST_F(Refresh, AMovedFileIsToldByItsContents) {
  folder_.write("a.md", "# Heron\n\nA heron.\n");
  folder_.write("b.md", "# Kestrel\n\nA kestrel.\n");
  folder_.write("c.py", "print('heron')\n");
  run();
  fs::rename(folder_.root() + "/a.md", folder_.root() + "/moved.md");
  fs::rename(folder_.root() + "/b.md", folder_.root() + "/b.txt");
  fs::rename(folder_.root() + "/c.py", folder_.root() + "/c.sh");
  const IndexSummary summary = refresh({"a.md", "b.md", "c.py", "moved.md", "b.txt", "c.sh"});
  EXPECT_EQ(summary.moved, 1U) << "under other extensions they are other documents";
  EXPECT_EQ(summary.indexed, 3U);
  const auto snapshot = folder_.snapshot();
  std::map<std::string, std::string> types;
  for (const DocumentNumber document : snapshot->documents_by_name()) {
    types[std::string(snapshot->name(document))] =
        snapshot->string(document, snapshot->document(document).type);
  }
  EXPECT_EQ(types["docs/moved.md"], "markdown");
  EXPECT_NE(types["docs/b.txt"], "markdown");
  EXPECT_NE(types["docs/c.sh"], "python");
}

TEST_F(Refresh, FilesThatChangePlacesKeepTheirOwnTexts) {
  folder_.write("a.md", "the first\n");
  folder_.write("b.md", "the second one\n");
  run();
  fs::rename(folder_.root() + "/a.md", folder_.root() + "/t.md");
  fs::rename(folder_.root() + "/b.md", folder_.root() + "/a.md");
  fs::rename(folder_.root() + "/t.md", folder_.root() + "/b.md");
  EXPECT_EQ(refresh({"a.md", "b.md", "t.md"}).moved, 2U);
  EXPECT_EQ(texts(), (std::map<std::string, std::string>{{"a.md", "the second one\n"},
                                                         {"b.md", "the first\n"}}));
}

TEST_F(Refresh, ACollectionThatIsMovedTakesItsRecordsAlong) {
  folder_.write("c.jsonl", "{\"_id\":\"1\",\"text\":\"one\"}\n{\"_id\":\"2\",\"text\":\"two\"}\n");
  run();
  fs::create_directories(folder_.root() + "/sub");
  fs::rename(folder_.root() + "/c.jsonl", folder_.root() + "/sub/c.jsonl");
  EXPECT_EQ(run().moved, 1U);
  EXPECT_THAT(names(), ElementsAre("sub/c.jsonl#1", "sub/c.jsonl#2"));
  EXPECT_EQ(run().unchanged, 1U);
}

TEST_F(Refresh, OfWhatWasRemovedByHandAMovedFileIsNew) {
  folder_.write("a.md", "one\n");
  run();
  IndexChange change;
  const auto snapshot = folder_.snapshot();
  change.removed_documents.insert(snapshot->document(snapshot->documents_by_name().front()).id);
  ASSERT_TRUE(writer().commit(std::move(change)).ok());
  fs::rename(folder_.root() + "/a.md", folder_.root() + "/b.md");
  const IndexSummary summary = refresh({"a.md", "b.md"});
  EXPECT_EQ(summary.moved, 0U);
  EXPECT_EQ(summary.indexed, 1U);
  EXPECT_THAT(names(), ElementsAre("b.md"));
}

TEST_F(Refresh, TheIndexItselfIsNeverIndexed) {
  folder_.write("a.md", "one\n");
  const std::string inside = folder_.root() + "/index";
  auto opened = IndexWriter::open(inside, {});
  ASSERT_TRUE(opened.ok());
  std::vector<std::string> entered;
  IndexerOptions options;
  options.on_directory = [&](const std::string& path) { entered.push_back(path); };
  const auto summary = Indexer(**opened, options).run({folder_.root()});
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->files, 1U);
  EXPECT_THAT(entered, ElementsAre(folder_.root()));
}

TEST_F(Refresh, TellsThatItBeganBeforeTheFirstFileIsDone) {
  folder_.write("a.md", "one\n");
  const auto before = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(folder_.root() + "/a.md", before);  // or it might change within the tick
  std::vector<std::uint64_t> done;
  const auto refresh = [&] {
    Indexer indexer(writer(), {}, [&](const IndexProgress& progress) {
      EXPECT_EQ(progress.files_total, 1U);
      done.push_back(progress.files_done);
    });
    ASSERT_TRUE(indexer.run({folder_.root()}).ok());
  };
  refresh();
  EXPECT_THAT(done, ElementsAre(0U, 1U));
  refresh();
  EXPECT_THAT(done, SizeIs(2)) << "nothing is to be done";
}

TEST_F(Refresh, WritersThatTakeTurnsLoseNothing) {
  for (int i = 0; i < 5; ++i) folder_.write(std::to_string(i) + ".md", "one\n");
  run();
  auto other = IndexWriter::open(folder_.index_directory(), {});
  ASSERT_TRUE(other.ok());
  for (int i = 0; i < 5; ++i) {
    const std::string name = std::to_string(i) + ".md";
    folder_.write(name, "changed by turns\n");
    Indexer indexer(i % 2 == 0 ? writer() : **other, {});
    ASSERT_TRUE(indexer.refresh({folder_.root()}, {folder_.root() + "/" + name}).ok());
  }
  EXPECT_EQ(folder_.refresh().unchanged, 5U);
}

}  // namespace
}  // namespace callslip::test
