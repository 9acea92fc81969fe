// What a caller who may see some collections only can find out about the others: nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "index/document_id.h"
#include "index/index_writer.h"
#include "index/indexer.h"
#include "tests/support/indexed_folder.h"
#include "tools/caching_reader.h"
#include "tools/doc_search.h"
#include "tools/found_chunk.h"
#include "tools/list_documents.h"
#include "tools/read_chunks.h"
#include "tools/verdict_cache.h"

namespace callslip {
namespace {

using testing::HasSubstr;
using testing::Not;

CallContext seeing(std::vector<std::string> collections) {
  CallContext context;
  context.collections = std::make_shared<const std::vector<std::string>>(std::move(collections));
  return context;
}

/// Folders below one directory, each a collection, and the index of them.
class Shelves {
 public:
  void write(const std::string& file, const std::string& text) const {
    scratch_.write("files/" + file, text);
  }
  void index(const std::vector<std::string>& collections) const {
    auto writer = IndexWriter::open(directory(), {});
    ASSERT_TRUE(writer) << writer.error().message;
    std::vector<std::string> paths;
    for (const std::string& name : collections) paths.push_back(scratch_ / ("files/" + name));
    const auto summary = Indexer(**writer, {}).run(paths);
    ASSERT_TRUE(summary) << summary.error().message;
  }
  std::string directory() const { return scratch_ / "index"; }
  std::string path(const std::string& file) const { return scratch_ / ("files/" + file); }
  Library& library() { return library_; }

 private:
  ScratchDirectory scratch_;
  Library library_{std::make_shared<Index>(directory())};
};

/// Relevant where the passage holds "heron"; a model to the caches.
class HeronReader final : public Reader {
 public:
  std::string name() const override { return "heron"; }
  std::string identity() const override { return "heron"; }
  ReaderUsage read(const std::string&, PassageSource& source, std::uint64_t,
                   const CallContext& context, const OnVerdict& on_verdict) override {
    ReaderUsage usage;
    while (!context.should_stop()) {
      const auto passage = source.next();
      if (!passage) break;
      ++usage.calls;
      Verdict verdict;
      const std::size_t at = passage->text.find("heron");
      if (at != std::string::npos) {
        verdict.kind = Verdict::Kind::relevant;
        verdict.sentences = {{at, at + 5}};
      }
      on_verdict(passage->number, verdict);
    }
    return usage;
  }
  ReaderPlan plan(const std::string&, PassageSource& source) const override {
    ReaderPlan plan;
    while (source.next()) ++plan.passages;
    return plan;
  }
  Result<std::string> answer(const PreparedQuestion&, std::span<const Passage>, const CallContext&,
                             ReaderUsage&) override {
    return Error{ErrorKind::unsupported, "no answers"};
  }
  Result<PreparedQuestion> prepare(const std::string& question,
                                   std::span<const std::string> languages, const CallContext&,
                                   ReaderUsage&) override {
    prepared_for.emplace_back(languages.begin(), languages.end());
    return PreparedQuestion{question, "", {languages.empty() ? "" : languages[0]}};
  }

  std::vector<std::vector<std::string>> prepared_for;
};

constexpr const char* kSecret = "The zyzzyva of the merger is a heron named Agathe.\n";

class CollectionsTest : public testing::Test {
 protected:
  void SetUp() override {
    write_open(shelves_);
    for (unsigned i = 0; i < kDocuments; ++i) {
      shelves_.write("closed/" + std::to_string(i) + ".md", test::random_prose(100 + i, 700));
    }
    shelves_.write("closed/merger.md", std::string("# Merger\n\n") + kSecret);
    shelves_.write("open-air/plan.md", "A heron of the open air.\n");
    shelves_.index({"open", "closed", "open-air"});
  }

  static constexpr unsigned kDocuments = 6;
  static void write_open(const Shelves& shelves) {
    for (unsigned i = 0; i < kDocuments; ++i) {
      shelves.write("open/" + std::to_string(i) + ".md", test::random_prose(i, 400));
    }
    shelves.write("open/birds.md", "# Birds\n\nA heron stands in the river.\n");
  }

  Result<DocSearchResult> search(const DocSearchRequest& request, const CallContext& context) {
    return DocSearch(shelves_.library()).search(request, context);
  }
  static DocSearchRequest query(const std::string& text) {
    DocSearchRequest request;
    request.query = text;
    request.whole = false;
    return request;
  }
  Result<ReadChunksResult> read(const ReadChunksRequest& request, const CallContext& context) {
    ReadChunks::Options options;
    options.cache = &cache_;
    return ReadChunks(shelves_.library(), caching_, options).run(request, context);
  }
  static ReadChunksRequest ask(const std::string& question) {
    ReadChunksRequest request;
    request.question = question;
    request.effort = Effort::exhaustive;
    return request;
  }
  std::string chunk_of(const std::string& document) {
    return chunk_id_text({document_id(document), 0});
  }

  Shelves shelves_;
  VerdictCache cache_{{shelves_.directory() + "/reads"}};
  HeronReader* reader_ = new HeronReader;
  CachingReader caching_{std::unique_ptr<Reader>(reader_), cache_};
  const CallContext owner_;
  const CallContext open_ = seeing({"open"});
};

TEST_F(CollectionsTest, ASearchAnswersAsIfNothingElseWereIndexed) {
  Shelves alone;
  write_open(alone);
  alone.index({"open"});
  for (const char* words : {"river", "heron stands", "telegraph library 图书馆", "zyzzyva",
                            "part section", "\"heron\" river"}) {
    for (const std::uint64_t limit : {1, 5, 50}) {
      DocSearchRequest request = query(words);
      request.limit = limit;
      const auto restricted = search(request, open_);
      const auto expected = DocSearch(alone.library()).search(request, {});
      ASSERT_TRUE(restricted && expected);
      EXPECT_EQ(restricted->matches, expected->matches) << words;
      ASSERT_EQ(restricted->chunks.size(), expected->chunks.size()) << words;
      for (std::size_t i = 0; i < expected->chunks.size(); ++i) {
        EXPECT_EQ(restricted->chunks[i].chunk_id, expected->chunks[i].chunk_id);
        EXPECT_EQ(restricted->chunks[i].score, expected->chunks[i].score) << words;
        EXPECT_EQ(restricted->chunks[i].text, expected->chunks[i].text);
      }
      EXPECT_EQ(restricted->index.documents, expected->index.documents);
      EXPECT_EQ(restricted->index.chunks, expected->index.chunks);
    }
  }
}

TEST_F(CollectionsTest, ARestrictedSearchChangesNoOther) {
  const auto texts = [&] {
    std::vector<std::string> all;
    for (const char* words : {"river", "heron", "telegraph library"}) {
      all.push_back(search(query(words), owner_)->text);
    }
    return all;
  };
  const auto before = texts();
  for (const char* words : {"river", "heron", "telegraph library"}) {
    EXPECT_THAT(search(query(words), open_)->text, Not(HasSubstr("closed/")));
  }
  EXPECT_EQ(texts(), before);
  EXPECT_THAT(search(query("heron"), owner_)->text, HasSubstr("closed/merger.md"));
}

TEST_F(CollectionsTest, ACollectionIsNotThePrefixOfAnother) {
  const auto result = search(query("heron"), open_);
  ASSERT_TRUE(result);
  for (const FoundChunk& chunk : result->chunks) EXPECT_EQ(chunk.document, "open/birds.md");
  EXPECT_EQ(result->matches, 1U);
  EXPECT_EQ(search(query("heron"), seeing({"open-air"}))->matches, 1U);
  EXPECT_EQ(search(query("heron"), seeing({"open-air", "open", "open"}))->matches, 2U);
  EXPECT_EQ(search(query("heron"), seeing({"op", "open/birds.md", "*", ""}))->matches, 0U);
}

TEST_F(CollectionsTest, WhoSeesNoCollectionSeesAnEmptyIndex) {
  const CallContext nobody = seeing({});
  const auto found = search(query("heron"), nobody);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->matches, 0U);
  EXPECT_EQ(found->index.documents, 0U);
  EXPECT_EQ(found->index.chunks, 0U);
  const auto listed = ListDocuments(shelves_.library()).list({}, nobody);
  ASSERT_TRUE(listed);
  EXPECT_TRUE(listed->documents.empty());
  const auto answer = read(ask("Where is the heron?"), nobody);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->coverage.in_scope, 0U);
}

TEST_F(CollectionsTest, AHiddenDocumentIsNotThereByAnyName) {
  for (const std::string& pattern :
       {std::string("closed/merger.md"), std::string("closed"), std::string("closed/"),
        std::string("merger.md"), std::string("**/merger.md"), std::string("c*/**"),
        shelves_.path("closed/merger.md"), "file://" + shelves_.path("closed/merger.md"),
        shelves_.path("closed")}) {
    DocSearchRequest request = query("heron");
    request.documents = {pattern};
    const auto found = search(request, open_);
    ASSERT_FALSE(found) << pattern;
    // The nearest names are of what can be seen.
    const std::string rest = found.error().message.substr(found.error().message.rfind("\";"));
    EXPECT_THAT(rest, Not(HasSubstr("closed"))) << pattern;
    EXPECT_THAT(rest, Not(HasSubstr("merger"))) << pattern;
    EXPECT_THAT(rest, HasSubstr("open/")) << pattern;
    EXPECT_TRUE(search(request, owner_)) << pattern;
  }
}

TEST_F(CollectionsTest, HiddenWordsAreInNoLiteralSnippetOrUnknownTerm) {
  DocSearchRequest request = query("anything");
  request.exact = {"Agathe"};
  EXPECT_EQ(search(request, open_)->matches, 0U);
  EXPECT_EQ(search(request, owner_)->matches, 1U);
  request = query("who is the zyzzyva of the merger");
  request.detail = DocSearchRequest::Detail::snippet;
  EXPECT_THAT(search(request, open_)->text, Not(HasSubstr("Agathe")));
  // A term of hidden documents only stands in no document.
  const auto answer = read(ask("Which zyzzyva stands in the river?"), open_);
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->unknown_terms, testing::Contains("zyzzyva"));
  EXPECT_THAT(read(ask("Which zyzzyva stands in the river?"), owner_)->unknown_terms,
              Not(testing::Contains("zyzzyva")));
}

TEST_F(CollectionsTest, AHiddenChunkIsAnUnknownChunk) {
  ReadChunksRequest request;
  request.chunk_ids = {chunk_of("closed/merger.md")};
  const auto hidden = read(request, open_);
  ASSERT_FALSE(hidden);
  EXPECT_THAT(read(request, owner_)->text, HasSubstr("Agathe"));
  const std::string unknown_id = chunk_of("closed/never-there.md");
  request.chunk_ids = {unknown_id};
  const auto unknown = read(request, open_);
  ASSERT_FALSE(unknown);
  // Word for word the same, ids aside.
  const auto without = [](std::string text, const std::string& id) {
    for (const std::string& part : {id, id.substr(0, id.find(':'))}) {
      for (std::size_t at = 0; (at = text.find(part)) != std::string::npos;) {
        text.replace(at, part.size(), "ID");
      }
    }
    return text;
  };
  EXPECT_EQ(without(hidden.error().message, chunk_of("closed/merger.md")),
            without(unknown.error().message, unknown_id));
}

TEST_F(CollectionsTest, ReadingReadsWhatCanBeSeen) {
  const auto answer = read(ask("Where is the heron?"), open_);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->coverage.in_scope, answer->index.chunks);
  EXPECT_LT(answer->coverage.in_scope, shelves_.library().view({})->info.chunks);
  EXPECT_EQ(answer->coverage.relevant, 1U);
  ASSERT_EQ(answer->evidence.size(), 1U);
  EXPECT_EQ(answer->evidence[0].document, "open/birds.md");
  EXPECT_TRUE(answer->evidence[0].also_in.empty());
  EXPECT_THAT(answer->text, Not(HasSubstr("closed")));
}

TEST_F(CollectionsTest, ACursorOfAReadIsUnknownToWhoSeesOtherCollections) {
  ReadChunksRequest request = ask("Where is the heron?");
  request.max_tokens = 64;
  request.by_caller = false;
  const auto whole = read(request, owner_);
  ASSERT_TRUE(whole);
  ASSERT_FALSE(whole->next_cursor.empty());
  ReadChunksRequest next;
  next.cursor = whole->next_cursor;
  const auto stolen = read(next, open_);
  ASSERT_FALSE(stolen);
  next.cursor = "r00000000000";
  const auto unknown = read(next, open_);
  ASSERT_FALSE(unknown);
  std::string expected = unknown.error().message;
  expected.replace(expected.find(next.cursor), next.cursor.size(), whole->next_cursor);
  EXPECT_EQ(stolen.error().message, expected);
  EXPECT_EQ(stolen.error().kind, unknown.error().kind);

  // The other way round too, and for those who see the same it goes on.
  request = ask("Where is the river?");
  request.max_tokens = 300;
  const auto own = read(request, open_);
  ASSERT_TRUE(own);
  if (own->next_cursor.empty()) {
    request.chunk_ids = {chunk_of("open/0.md"), chunk_of("open/1.md"), chunk_of("open/2.md")};
    request.question.clear();
  }
  const auto paged = own->next_cursor.empty() ? read(request, open_) : own;
  ASSERT_FALSE(paged->next_cursor.empty());
  next.cursor = paged->next_cursor;
  EXPECT_FALSE(read(next, owner_));
  EXPECT_FALSE(read(next, seeing({"open", "closed"})));
  EXPECT_TRUE(read(next, seeing({"open"})));
}

TEST_F(CollectionsTest, WhatWasHandedOutToOneIsNotTakenFromAnother) {
  ReadChunksRequest request = ask("Where is the heron?");
  request.by_caller = true;
  request.documents = {"closed/merger.md"};
  const auto handed = read(request, owner_);
  ASSERT_TRUE(handed) << handed.error().message;
  ASSERT_EQ(handed->next, "submit_readings");
  SubmitReadingsRequest readings;
  readings.cursor = handed->next_cursor;
  readings.readings = {{chunk_of("closed/merger.md"), {"Agathe"}}};
  ReadChunks::Options options;
  options.cache = &cache_;
  const ReadChunks tool(shelves_.library(), caching_, options);
  const auto stolen = tool.submit(readings, open_);
  ASSERT_FALSE(stolen);
  EXPECT_THAT(stolen.error().message, HasSubstr("is not known"));
  EXPECT_TRUE(tool.submit(readings, owner_));
}

TEST_F(CollectionsTest, VerdictsAreSharedByThoseWhoSeeTheSame) {
  const ReadChunksRequest request = ask("Where is the heron?");
  const auto by_owner = read(request, owner_);
  ASSERT_TRUE(by_owner);
  EXPECT_EQ(by_owner->coverage.from_cache, 0U);
  ReadChunksRequest plan = request;
  plan.dry_run = true;
  // That somebody asked before, and of which texts, stays theirs.
  const auto planned = read(plan, open_);
  ASSERT_TRUE(planned);
  EXPECT_EQ(planned->plan->most.cached, 0U);
  EXPECT_EQ(read(request, open_)->coverage.from_cache, 0U);
  const auto again = read(request, seeing({"open"}));
  EXPECT_EQ(again->coverage.from_cache, again->coverage.in_scope);
  EXPECT_EQ(read(plan, open_)->plan->most.cached, again->coverage.in_scope);
  const auto owner_again = read(request, owner_);
  EXPECT_EQ(owner_again->coverage.from_cache, owner_again->coverage.in_scope);
}

TEST_F(CollectionsTest, VerdictsOfACallingModelAreNotShared) {
  ReadChunks::Options options;
  options.cache = &cache_;
  const ReadChunks tool(shelves_.library(), caching_, options);
  ReadChunksRequest request = ask("Where is the heron?");
  request.by_caller = true;
  request.documents = {"open/birds.md"};
  const auto mine = tool.run(request, open_);
  ASSERT_TRUE(mine);
  // One who sees less says that there is nothing; the others are asked all the same.
  SubmitReadingsRequest readings;
  readings.cursor = mine->next_cursor;
  readings.readings = {{chunk_of("open/birds.md"), {}}};
  readings.finish = true;
  const auto ended = tool.submit(readings, open_);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->status, ReadChunksResult::Status::nothing_relevant);
  const auto theirs = tool.run(request, owner_);
  ASSERT_TRUE(theirs);
  EXPECT_EQ(theirs->next, "submit_readings");
}

TEST_F(CollectionsTest, ListsCountAndNameWhatCanBeSeen) {
  const ListDocuments list(shelves_.library());
  const auto mine = list.list({}, open_);
  ASSERT_TRUE(mine);
  EXPECT_EQ(mine->documents.size(), kDocuments + 1);
  EXPECT_THAT(mine->text, Not(HasSubstr("closed")));
  EXPECT_THAT(mine->text, Not(HasSubstr("open-air")));
  ListDocumentsRequest request;
  request.limit = 2;
  const auto folders = list.list(request, open_);
  ASSERT_TRUE(folders);
  std::uint64_t documents = 0;
  for (const ListedFolder& folder : folders->folders) documents += folder.documents;
  EXPECT_EQ(documents, folders->folders.empty() ? 0U : kDocuments + 1);
  EXPECT_THAT(folders->text, Not(HasSubstr("closed")));
  request.documents = {"closed/merger.md"};
  EXPECT_FALSE(list.list(request, open_));
}

TEST_F(CollectionsTest, ACursorOfAnothersSearchPagesThroughOnesOwn) {
  DocSearchRequest request = query("river heron");
  request.limit = 2;
  request.limit_given = true;
  const auto whole = search(request, owner_);
  ASSERT_FALSE(whole->next_cursor.empty());
  request.cursor = whole->next_cursor;
  const auto page = search(request, open_);
  ASSERT_TRUE(page);
  for (const FoundChunk& chunk : page->chunks) EXPECT_THAT(chunk.document, HasSubstr("open/"));
}

TEST_F(CollectionsTest, TheRevisionIsOfWhatCanBeSeen) {
  const auto revision = [&](const CallContext& context) {
    return shelves_.library().view(context)->info.revision;
  };
  const std::string before = revision(open_);
  EXPECT_NE(before, revision(owner_));
  EXPECT_EQ(before, revision(seeing({"open"})));
  shelves_.write("closed/more.md", "More of the heron.\n");
  shelves_.index({"closed"});
  EXPECT_EQ(revision(open_), before);
  shelves_.write("open/more.md", "More of the river.\n");
  shelves_.index({"open"});
  EXPECT_NE(revision(open_), before);
  EXPECT_EQ(search(query("heron"), open_)->matches, 1U);
}

TEST_F(CollectionsTest, TheManifestNamesNoOtherRoots) {
  const auto view = shelves_.library().view(open_);
  ASSERT_TRUE(view);
  ASSERT_EQ(view->snapshot->manifest().roots.size(), 1U);
  EXPECT_EQ(view->snapshot->manifest().roots[0].name, "open");
}

TEST_F(CollectionsTest, HowFarAnIndexingIsTellsNothingOfItsSize) {
  shelves_.library().set_indexing(IndexingState{17, 1234});
  EXPECT_THAT(search(query("river"), owner_)->text, HasSubstr("17 of 1234 files"));
  const auto mine = search(query("river"), open_);
  ASSERT_TRUE(mine->index.indexing);
  EXPECT_EQ(mine->index.indexing->total, 0U);
  EXPECT_THAT(mine->text, HasSubstr("indexing is under way;"));
  EXPECT_THAT(mine->text, Not(HasSubstr("1234")));
  shelves_.library().set_indexing(std::nullopt);
}

TEST_F(CollectionsTest, QuestionsArePreparedForTheLanguagesOfWhatCanBeSeen) {
  for (int i = 0; i < 40; ++i) {
    shelves_.write("closed/" + std::to_string(i) + "-de.md",
                   "Der Vertrag wird von den Parteien unterschrieben und ist nicht für die "
                   "Öffentlichkeit bestimmt, weil er noch nicht gültig ist.\n");
    shelves_.write("english/" + std::to_string(i) + ".md",
                   "The harbour is where the boats are kept, and it was built by those who came "
                   "from the north with their families.\n");
  }
  shelves_.index({"closed", "english"});
  LibraryLanguages languages;
  const DocSearch tool(shelves_.library(), *reader_, languages);
  DocSearchRequest request = query("where are the boats");
  request.expand = true;
  ASSERT_TRUE(tool.search(request, owner_));
  ASSERT_TRUE(tool.search(request, seeing({"english"})));
  ASSERT_TRUE(tool.search(request, owner_));
  ASSERT_EQ(reader_->prepared_for.size(), 3U);
  EXPECT_THAT(reader_->prepared_for[0], testing::Contains("de"));
  EXPECT_THAT(reader_->prepared_for[1], testing::ElementsAre("en"));
  EXPECT_EQ(reader_->prepared_for[0], reader_->prepared_for[2]);
}

TEST_F(CollectionsTest, RecordsBelongToTheFolderOrFileThatTheirCollectionIsIn) {
  shelves_.write("list.jsonl", R"({"_id": "a/b", "title": "", "text": "An egret walks."})"
                               "\n");
  shelves_.write("open/list.jsonl", R"({"_id": "c", "title": "", "text": "An egret sleeps."})"
                                    "\n");
  shelves_.index({"open", "list.jsonl"});
  const auto documents = [&](std::vector<std::string> collections) {
    std::set<std::string> names;
    const auto found = search(query("egret"), seeing(std::move(collections)));
    for (const FoundChunk& chunk : found->chunks) names.insert(chunk.document);
    return names;
  };
  EXPECT_EQ(documents({"open"}), std::set<std::string>{"open/list.jsonl#c"});
  EXPECT_EQ(documents({"list.jsonl"}), std::set<std::string>{"list.jsonl#a/b"});
  EXPECT_EQ(documents({"list.jsonl#a"}), std::set<std::string>{});
}

TEST(CallContextTest, MaySeeByTheFirstPartOfAName) {
  const CallContext mine = seeing({"open"});
  EXPECT_TRUE(mine.may_see("open/a.md"));
  EXPECT_TRUE(mine.may_see("open"));
  EXPECT_FALSE(mine.may_see("open-air/a.md"));
  EXPECT_FALSE(mine.may_see("closed/open/a.md"));
  EXPECT_FALSE(mine.may_see(""));
  EXPECT_FALSE(seeing({}).may_see("open/a.md"));
  EXPECT_TRUE(CallContext().may_see("anything"));
}

}  // namespace
}  // namespace callslip
