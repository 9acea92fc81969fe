#include "plugin/documents/document_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <latch>
#include <thread>

#include "index/files/atomic_file.h"
#include "index/hash.h"
#include "tests/support/indexed_folder.h"
#include "tools/doc_search.h"
#include "tools/list_documents.h"

namespace callslip {
namespace {

using test::IndexedFolder;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

CallContext writer_of(std::vector<std::string> collections = {}) {
  CallContext context;
  context.may_write = true;
  if (!collections.empty()) {
    context.collections = std::make_shared<const std::vector<std::string>>(std::move(collections));
  }
  return context;
}

class DocumentStoreTest : public testing::Test {
 protected:
  static DocumentStore::Options options() {
    DocumentStore::Options options;
    options.settle = false;
    options.max_bytes = 100'000;
    return options;
  }
  std::unique_ptr<DocumentStore> open(DocumentStore::Options with = options()) {
    return std::make_unique<DocumentStore>(folder_.library(), std::move(with));
  }

  AddedDocument add(const std::string& name, const std::string& bytes,
                    const std::string& title = "") {
    auto added = store_->add({name, bytes, "", title, ""}, writer_of());
    EXPECT_TRUE(added) << added.error().message;
    return added ? std::move(added).value() : AddedDocument();
  }
  std::string refusal(const std::string& name, const std::string& bytes,
                      const CallContext& context = writer_of()) {
    const auto added = store_->add({name, bytes, "", "", ""}, context);
    return added ? "added" : added.error().message;
  }
  std::string removal(const std::vector<std::string>& patterns,
                      const CallContext& context = writer_of()) {
    const auto removed = store_->remove(patterns, context);
    return removed ? "removed" : removed.error().message;
  }

  std::vector<std::string> names() {
    const auto snapshot = folder_.snapshot();
    std::vector<std::string> names;
    for (const auto document : snapshot->documents_by_name()) {
      names.emplace_back(snapshot->name(document));
    }
    return names;
  }
  std::string text_of(const std::string& name) {
    const auto snapshot = folder_.snapshot();
    const auto document = snapshot->find(document_id(name));
    if (!document) return "(none)";
    return *snapshot->text(*document, 0, snapshot->document(*document).text_bytes);
  }
  std::string title_of(const std::string& name) {
    const auto snapshot = folder_.snapshot();
    const auto document = snapshot->find(document_id(name));
    return std::string(snapshot->string(*document, snapshot->document(*document).title));
  }
  /// All that is below INDEX/documents, but for folders and the lock.
  std::vector<std::string> files() const {
    std::vector<std::string> files;
    const std::string root = folder_.index_directory() + "/documents";
    std::error_code code;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root, code)) {
      const std::string path = entry.path().string().substr(root.size() + 1);
      if (entry.is_regular_file() && path != ".lock") files.push_back(path);
    }
    std::sort(files.begin(), files.end());
    return files;
  }
  std::string path(const std::string& below) const {
    return folder_.index_directory() + "/documents/" + below;
  }

  IndexedFolder folder_;
  std::unique_ptr<DocumentStore> store_ = open();
};

TEST_F(DocumentStoreTest, AddsADocumentThatIsFoundAtOnceAndKeepsTheOriginal) {
  const AddedDocument added = add("report.md", "# Heron\n\nThe heron stands still.\n");
  EXPECT_EQ(added.name, "attachments/report.md");
  EXPECT_EQ(added.title, "Heron");
  EXPECT_EQ(added.type, "markdown");
  EXPECT_FALSE(added.replaced);
  EXPECT_EQ(added.chunks, 1U);
  EXPECT_GT(added.tokens, 0U);
  EXPECT_FALSE(added.lossy);
  EXPECT_THAT(added.uri, HasSubstr("/index/documents/attachments/report.md"));
  DocSearchRequest request;
  request.query = "heron";
  const auto found = DocSearch(folder_.library()).search(request, {});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->chunks.size(), 1U);
  EXPECT_EQ(found->chunks[0].document, "attachments/report.md");
  EXPECT_THAT(files(), ElementsAre("attachments/report.md"));
}

TEST_F(DocumentStoreTest, ReplacesWhatHasTheSameName) {
  add("a.md", "the first heron\n");
  const AddedDocument second = add("attachments/a.md", "the second kestrel\n");
  EXPECT_TRUE(second.replaced);
  EXPECT_THAT(names(), ElementsAre("attachments/a.md"));
  EXPECT_EQ(text_of("attachments/a.md"), "the second kestrel\n");
  EXPECT_EQ(*read_file(path("attachments/a.md"), 100), "the second kestrel\n");
  EXPECT_THAT(files(), ElementsAre("attachments/a.md"));
}

TEST_F(DocumentStoreTest, RefusesWhatCannotBeReadAndKeepsWhatWasThere) {
  add("a.md", "the first heron\n");
  const auto before = folder_.snapshot()->revision();
  const std::string pdf = "%PDF-1.7\n\x01\x02\x03";
  EXPECT_THAT(refusal("a.md", pdf), HasSubstr("PDF"));
  EXPECT_EQ(refusal("b.md", ""), "there is no text in it");
  EXPECT_THAT(refusal("c.md", std::string(100'001, 'x')), HasSubstr("--max-file-size"));
  EXPECT_EQ(text_of("attachments/a.md"), "the first heron\n");
  EXPECT_EQ(folder_.snapshot()->revision(), before);
  EXPECT_THAT(files(), ElementsAre("attachments/a.md"));
}

TEST_F(DocumentStoreTest, TakesTheKindFromTheMediaTypeWhereTheNameHasNone) {
  const auto added = store_->add(
      {"page", "Price <b>list</b> &amp; more", "", "", "text/html; charset=utf-8"}, writer_of());
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(added->name, "attachments/page");
  EXPECT_EQ(added->type, "html");
  EXPECT_THAT(text_of("attachments/page"), HasSubstr("Price list & more"));
}

TEST_F(DocumentStoreTest, ReadsAFileAndLeavesItThere) {
  folder_.write("upload", "from a file: heron\n");
  const auto added = store_->add({"a.txt", "", folder_.root() + "/upload", "", ""}, writer_of());
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(text_of("attachments/a.txt"), "from a file: heron\n");
  EXPECT_TRUE(std::filesystem::exists(folder_.root() + "/upload"));
}

TEST_F(DocumentStoreTest, CountsTheRecordsOfACollection) {
  const AddedDocument added = add("c.jsonl",
                                  "{\"_id\": \"1\", \"text\": \"heron\"}\n"
                                  "{\"_id\": \"2\", \"text\": \"kestrel\"}\nnonsense\n",
                                  "A title");
  EXPECT_EQ(added.documents, 2U);
  EXPECT_THAT(added.notes, ElementsAre(HasSubstr("1 of 3"), HasSubstr("title ignored")));
  EXPECT_THAT(names(), ElementsAre("attachments/c.jsonl#1", "attachments/c.jsonl#2"));
  EXPECT_TRUE(add("c.jsonl", "{\"_id\": \"3\", \"text\": \"owl\"}\n").replaced);
  EXPECT_THAT(names(), ElementsAre("attachments/c.jsonl#3"));
}

TEST_F(DocumentStoreTest, GivesCollectionsToWhoeverMayWriteThere) {
  EXPECT_EQ(refusal("a.md", "x", {}), refusal("b.md", "x", {}));
  EXPECT_THAT(refusal("a.md", "x", {}), HasSubstr("scope \"write\""));
  EXPECT_THAT(refusal("other/a.md", "x", writer_of({"team"})),
              HasSubstr("may write to team, not to \"other\""));
  EXPECT_EQ(refusal("team/a.md", "heron\n", writer_of({"team"})), "added");
  EXPECT_EQ(refusal("b.md", "heron\n", writer_of({"team"})), "added");
  EXPECT_THAT(names(), ElementsAre("team/a.md", "team/b.md"));
  EXPECT_THAT(removal({"team/a.md"}, writer_of({"other"})),
              AllOf(HasSubstr("nothing is named \"team/a.md\""), Not(HasSubstr("b.md"))));
  EXPECT_EQ(removal({"team/a.md"}, writer_of({"team"})), "removed");
}

TEST_F(DocumentStoreTest, WritesIntoNoFolderThatIsIndexed) {
  folder_.write("notes.md", "heron\n");
  folder_.refresh();
  EXPECT_THAT(refusal("docs/more.md", "x\n"), HasSubstr("indexed from the disk"));
  EXPECT_THAT(refusal("a.md", "x\n", writer_of({"docs"})), HasSubstr("\"uploads\""));
  EXPECT_THAT(removal({"docs/notes.md"}), HasSubstr("indexed from the disk and stays"));
  EXPECT_THAT(removal({"docs/"}), HasSubstr("indexed from the disk and stays"));
  add("notes.md", "another heron\n");
  const auto removed = store_->remove({"**/notes.md"}, writer_of());
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_THAT(removed->names, ElementsAre("attachments/notes.md"));
  EXPECT_THAT(removed->notes, ElementsAre(HasSubstr("docs/notes.md")));
  EXPECT_THAT(names(), ElementsAre("docs/notes.md"));
}

TEST_F(DocumentStoreTest, ChoosesAnotherNameWhereAFolderIsCalledAttachments) {
  const std::string folder = folder_.root() + "/attachments";
  folder_.write("attachments/a.md", "indexed heron\n");
  auto writer = IndexWriter::open(folder_.index_directory(), {});
  ASSERT_TRUE(Indexer(**writer, {}).run({folder}));
  EXPECT_EQ(add("a.md", "handed heron\n").name, "attachments-2/a.md");
  EXPECT_EQ(add("a.md", "handed again\n").name, "attachments-2/a.md");
  EXPECT_EQ(add("attachments-2/b.md", "b\n").name, "attachments-2/b.md");
  EXPECT_THAT(names(), ElementsAre("attachments-2/a.md", "attachments-2/b.md", "attachments/a.md"));
}

TEST_F(DocumentStoreTest, StaysWhenOtherFoldersAreRefreshed) {
  folder_.write("notes.md", "heron\n");
  add("a.md", "handed heron\n");
  folder_.refresh();
  folder_.remove("notes.md");
  folder_.refresh();
  EXPECT_THAT(names(), ElementsAre("attachments/a.md"));
}

TEST_F(DocumentStoreTest, RemovesByNameFolderAndGlobTheOriginalsToo) {
  for (const char* name : {"a.md", "x/b.md", "attachments/old/c.md", "attachments/old/d.txt"}) {
    add(name, "heron\n", "A title");
  }
  EXPECT_EQ(removal({"attachments/old/"}), "removed");
  EXPECT_THAT(names(), ElementsAre("attachments/a.md", "x/b.md"));
  EXPECT_FALSE(std::filesystem::exists(path("attachments/old")));
  EXPECT_EQ(removal({"**/*.md", "!x/b.md"}), "removed");
  EXPECT_THAT(names(), ElementsAre("x/b.md"));
  EXPECT_EQ(removal({"x/b.md"}), "removed");
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_EQ(add("x/b.md", "again\n").name, "x/b.md");
}

TEST_F(DocumentStoreTest, RemovesNothingThatWasNotNamed) {
  add("a.md", "heron\n");
  add("c.jsonl", "{\"_id\": \"1\", \"text\": \"owl\"}\n{\"_id\": \"2\", \"text\": \"kite\"}\n");
  EXPECT_THAT(removal({}), HasSubstr("name at least one"));
  EXPECT_THAT(removal({"!b.md"}), HasSubstr("name at least one"));
  EXPECT_THAT(removal({"nothing.md"}), HasSubstr("nothing is named"));
  EXPECT_THAT(removal({"attachments/c.jsonl#1"}), HasSubstr("single records are not removed"));
  EXPECT_THAT(removal({"a.md"}, {}), HasSubstr("scope \"write\""));
  EXPECT_EQ(names().size(), 3U);
  EXPECT_EQ(removal({"attachments/c.jsonl"}), "removed");
  EXPECT_THAT(names(), ElementsAre("attachments/a.md"));
}

TEST_F(DocumentStoreTest, RefusesANameThatIsAFolderOrLiesBelowADocument) {
  add("x/a.md", "heron\n");
  EXPECT_THAT(refusal("x/a.md/b.md", "x\n"), HasSubstr("is a document, and cannot be a folder"));
  add("x/y/b.md", "heron\n");
  EXPECT_THAT(refusal("x/y", "x\n"), HasSubstr("is a folder, and cannot be a document"));
  EXPECT_THAT(names(), ElementsAre("x/a.md", "x/y/b.md"));
  EXPECT_THAT(files(), ElementsAre("x/a.md", "x/y/b.md"));
}

TEST_F(DocumentStoreTest, TakesManyAtOnceFromTwoServers) {
  const auto other = open();
  constexpr int kThreads = 6;
  constexpr int kEach = 4;
  std::latch ready(kThreads);
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        ready.arrive_and_wait();
        for (int i = 0; i < kEach; ++i) {
          const std::string name = "t" + std::to_string(t) + "-" + std::to_string(i) + ".md";
          DocumentStore& store = t % 2 == 0 ? *store_ : *other;
          if (!store.add({name, "heron " + name + "\n", "", "", ""}, writer_of())) ++failures;
        }
      });
    }
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(names().size(), std::size_t{kThreads * kEach});
  EXPECT_EQ(files().size(), std::size_t{kThreads * kEach});
}

TEST_F(DocumentStoreTest, WaitsForAnotherWriterForABoundedTime) {
  add("a.md", "heron\n");
  DocumentStore::Options impatient = options();
  impatient.wait = std::chrono::milliseconds(50);
  const auto other = open(impatient);
  const auto held = HandedFiles(folder_.index_directory()).lock(std::chrono::seconds(1), {});
  ASSERT_TRUE(held);
  const auto added = other->add({"b.md", "x\n", "", "", ""}, writer_of());
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, ErrorKind::locked);
  EXPECT_THAT(names(), ElementsAre("attachments/a.md"));
}

TEST_F(DocumentStoreTest, AddsNothingAfterTheCallWasCancelled) {
  std::stop_source source;
  source.request_stop();
  CallContext context = writer_of();
  context.stop = source.get_token();
  const auto added = store_->add({"a.md", "heron\n", "", "", ""}, context);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, ErrorKind::cancelled);
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(DocumentStoreTest, FindsNothingToDoAfterAnOrderlyEnd) {
  add("a.md", "heron\n", "Title");
  add("c.jsonl", "{\"_id\": \"1\", \"text\": \"owl\"}\n");
  const auto revision = folder_.snapshot()->revision();
  const auto other = open();
  EXPECT_EQ(*other->settle({}), 0U);
  EXPECT_EQ(folder_.snapshot()->revision(), revision);
}

TEST_F(DocumentStoreTest, PutsAFileInItsPlaceThatACrashLeftAfterTheCommit) {
  add("a.md", "the old heron\n");
  const std::string original = path("attachments/a.md");
  std::filesystem::copy_file(original, path("old"));
  add("a.md", "the new kestrel\n");
  // As it was between the commit and the rename.
  const std::uint64_t source = source_of("attachments", "a.md");
  std::filesystem::rename(original, path(".new/" + hex64(source) + "-" + hex64(1)));
  std::filesystem::rename(path("old"), original);
  EXPECT_EQ(*open()->settle({}), 0U);
  EXPECT_EQ(*read_file(original, 100), "the new kestrel\n");
  EXPECT_EQ(text_of("attachments/a.md"), "the new kestrel\n");
  EXPECT_THAT(files(), ElementsAre("attachments/a.md"));
}

TEST_F(DocumentStoreTest, EndsARemovalThatACrashInterrupted) {
  add("a.md", "heron\n");
  add("b.md", "kestrel\n");
  const auto aside = [&](const char* name) {
    return path(".gone/" + hex64(source_of("attachments", name)) + "-" + hex64(1));
  };
  // Before its commit: the document is there still. And after it.
  std::filesystem::rename(path("attachments/a.md"), aside("a.md"));
  std::filesystem::copy_file(path("attachments/b.md"), aside("b.md"));
  ASSERT_EQ(removal({"b.md"}), "removed");
  EXPECT_EQ(*open()->settle({}), 0U);
  EXPECT_THAT(names(), ElementsAre("attachments/a.md"));
  EXPECT_THAT(files(), ElementsAre("attachments/a.md"));
}

TEST_F(DocumentStoreTest, IndexesTheOriginalsAgainWhereTheIndexWasLost) {
  add("a.md", "# Own\n\nheron\n", "Given title");
  add("team/b.md", "kestrel\n");
  store_.reset();
  for (const char* part : {"manifest", "segments", "states", "scratch"}) {
    std::filesystem::remove_all(folder_.index_directory() + "/" + part);
  }
  folder_.write("notes.md", "owl\n");
  folder_.refresh();
  EXPECT_EQ(*open()->settle({}), 2U);
  EXPECT_THAT(names(), ElementsAre("attachments/a.md", "docs/notes.md", "team/b.md"));
  EXPECT_EQ(title_of("attachments/a.md"), "Given title");
}

TEST_F(DocumentStoreTest, RemovingNamesNothingThatTheTokenCannotSee) {
  add("team/minutes.md", "heron\n");
  add("board/salaries.md", "kestrel\n");
  for (const char* pattern : {"board/salaries.md", "board", "salaries.md", "sal*", "salarie.md"}) {
    const std::string message = removal({pattern}, writer_of({"team"}));
    EXPECT_THAT(message, HasSubstr("team/minutes.md")) << pattern;  // the nearest name
    EXPECT_EQ(message.find("board", message.find("\";")), std::string::npos) << message;
  }
  const auto hidden = store_->remove_named("board/salaries.md", writer_of({"team"}));
  const auto missing = store_->remove_named("board/salariez.md", writer_of({"team"}));
  ASSERT_FALSE(hidden || missing);
  EXPECT_EQ(hidden.error().kind, missing.error().kind);
  EXPECT_EQ(removal({"*.md"}, writer_of({"team"})), "removed");
  EXPECT_THAT(names(), ElementsAre("board/salaries.md"));
}

TEST_F(DocumentStoreTest, FollowsAnIndexThatWasMoved) {
  add("a.md", "heron\n");
  store_.reset();
  const std::string moved = folder_.index_directory() + "-moved";
  std::filesystem::rename(folder_.index_directory(), moved);
  Library library(std::make_shared<Index>(moved));
  DocumentStore store(library, options());
  EXPECT_EQ(*store.settle({}), 1U);
  const auto added = store.add({"b.md", "kestrel\n", "", "", ""}, writer_of());
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(added->name, "attachments/b.md");
  const auto listed = ListDocuments(library).list({}, {});
  ASSERT_EQ(listed->documents.size(), 2U);
  EXPECT_THAT(listed->documents[0].uri, HasSubstr("index-moved/documents/attachments/a.md"));
}

}  // namespace
}  // namespace callslip
