#include "tools/doc_search.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "index/document_id.h"
#include "tests/support/indexed_folder.h"

namespace callslip {
namespace {

using test::IndexedFolder;
using test::random_prose;

class DocSearchTest : public testing::Test {
 protected:
  DocSearchResult search(const DocSearchRequest& request) {
    auto result = DocSearch(folder_.library()).search(request, {});
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? std::move(result).value() : DocSearchResult{};
  }

  static DocSearchRequest query(const std::string& text) {
    DocSearchRequest request;
    request.query = text;
    request.whole = false;
    return request;
  }

  using Names = std::set<std::string>;

  /// The documents of the chunks that hold "shared", in those that the patterns select.
  Names names(std::vector<std::string> patterns) {
    auto request = query("shared");
    request.documents = std::move(patterns);
    Names found;
    for (const FoundChunk& chunk : search(request).chunks) found.insert(chunk.document);
    return found;
  }

  /// A chunk's text is the document's over the bytes that it names.
  void expect_verbatim(const FoundChunk& chunk) {
    const auto snapshot = folder_.snapshot();
    const auto document = snapshot->find(document_id(chunk.document));
    ASSERT_TRUE(document);
    EXPECT_EQ(chunk.text, snapshot
                              ->text(*document, chunk.location.byte_start,
                                     chunk.location.byte_end - chunk.location.byte_start)
                              .value());
  }

  IndexedFolder folder_;
};

TEST_F(DocSearchTest, ReturnsTheBestChunkWithItsPlace) {
  folder_.write("guide/install.md",
                "# Install\n\nGeneral words.\n\n## Debian\n\nRun the frobnicator twice.\n");
  folder_.write("other.md", "Nothing of that kind here.\n");
  folder_.refresh();
  const auto result = search(query("where is the frobnicator"));
  ASSERT_FALSE(result.chunks.empty());
  const FoundChunk& chunk = result.chunks[0];
  EXPECT_EQ(chunk.document, "docs/guide/install.md");
  EXPECT_EQ(chunk.title, "Install");
  EXPECT_EQ(chunk.uri, "file://" + folder_.root() + "/guide/install.md");
  EXPECT_EQ(chunk.location.line_start, 1U);
  EXPECT_NE(result.text.find("frobnicator"), std::string::npos);
  expect_verbatim(chunk);
}

TEST_F(DocSearchTest, FindsAChunkByTheHeadingsAboveIt) {
  std::string text = "# Telescopes\n\n## Mirrors\n\n";
  for (int i = 0; i < 300; ++i) text += "Plain words of no interest follow one another. ";
  folder_.write("a.md", text);
  folder_.write("b.md", "Something else.\n");
  folder_.refresh();
  const auto result = search(query("telescopes mirrors"));
  EXPECT_GT(result.matches, 3U);
}

TEST_F(DocSearchTest, ReturnsEverythingWhereItFits) {
  folder_.write("b.md", "Second.\n");
  folder_.write("a.md", "First.\n");
  folder_.refresh();
  DocSearchRequest request;
  request.query = "second";
  const auto result = search(request);
  EXPECT_TRUE(result.whole);
  ASSERT_EQ(result.chunks.size(), 2U);
  EXPECT_EQ(result.chunks[0].document, "docs/a.md");
  EXPECT_GT(result.chunks[1].score, 0);
  request.limit_given = true;
  EXPECT_FALSE(search(request).whole);
}

TEST_F(DocSearchTest, AWordThatIsNowhereIsNoError) {
  folder_.write("a.md", "First.\n");
  folder_.refresh();
  const auto result = search(query("zyzzyva"));
  EXPECT_EQ(result.matches, 0U);
  EXPECT_TRUE(result.chunks.empty());
  EXPECT_NE(result.text.find("No chunk matches"), std::string::npos);
}

TEST_F(DocSearchTest, LiteralsAreCheckedOnTheText) {
  folder_.write("a.c", "int x = foo->bar(1);\n");
  folder_.write("b.c", "int x = foo.bar(1); /* foo bar */\n");
  folder_.refresh();
  auto request = query("bar");
  request.exact = {"foo->bar("};
  EXPECT_EQ(search(request).matches, 1U);
  EXPECT_EQ(search(query("\"foo.bar(1)\"")).matches, 1U);
  EXPECT_EQ(search(query("\"oo->ba\"")).matches, 1U);
  EXPECT_EQ(search(query("\"x = foo\"")).matches, 2U);
  EXPECT_EQ(search(query("\"foo  bar\"")).matches, 0U);
}

TEST_F(DocSearchTest, SelectsDocuments) {
  folder_.write("fs/ext4/inode.c", "int shared;\n");
  folder_.write("fs/xfs/inode.c", "int shared;\n");
  folder_.write("README.md", "shared\n");
  folder_.refresh();
  EXPECT_EQ(names({"docs/README.md"}), Names({"docs/README.md"}));
  EXPECT_EQ(names({"docs/fs/ext4/"}), Names({"docs/fs/ext4/inode.c"}));
  EXPECT_EQ(names({"docs/fs"}), Names({"docs/fs/ext4/inode.c", "docs/fs/xfs/inode.c"}));
  EXPECT_EQ(names({"*.c"}), Names({"docs/fs/ext4/inode.c", "docs/fs/xfs/inode.c"}));
  EXPECT_EQ(names({"docs/fs/*/inode.c", "!docs/fs/xfs/"}), Names({"docs/fs/ext4/inode.c"}));
  EXPECT_EQ(names({"!*.c"}), Names({"docs/README.md"}));
  EXPECT_EQ(names({folder_.root() + "/README.md"}), Names({"docs/README.md"}));
  EXPECT_EQ(names({"file://" + folder_.root() + "/fs/ext4"}), Names({"docs/fs/ext4/inode.c"}));
}

TEST_F(DocSearchTest, SelectsDocumentsByTheirBaseName) {
  folder_.write("inode.c", "int shared;\n");
  folder_.write("fs/ext4/inode.c", "int shared;\n");
  folder_.write("fs/ext4/old-inode.c", "int shared;\n");
  folder_.write("a[1].md", "shared\n");
  folder_.write("a1.md", "shared\n");
  folder_.write("sets/c.jsonl", R"({"_id": "x", "text": "shared"})"
                                "\n");
  folder_.refresh();
  EXPECT_EQ(names({"inode.c"}), Names({"docs/inode.c", "docs/fs/ext4/inode.c"}));
  EXPECT_EQ(names({"docs/inode.c"}), Names({"docs/inode.c"})) << "a name comes first";
  EXPECT_EQ(names({"*.c", "!inode.c"}), Names({"docs/fs/ext4/old-inode.c"}));
  EXPECT_EQ(names({"a[1].md"}), Names({"docs/a[1].md"})) << "then a base name";
  EXPECT_EQ(names({"a[0-9].md"}), Names({"docs/a1.md"}));
  EXPECT_EQ(names({"c.jsonl"}), Names({"docs/sets/c.jsonl#x"}));
  EXPECT_EQ(names({"*.jsonl"}), Names({"docs/sets/c.jsonl#x"}));
  EXPECT_EQ(names({"docs/sets/c.jsonl"}), Names({"docs/sets/c.jsonl#x"}));
}

TEST_F(DocSearchTest, CountsWhatItSearchedAndShowed) {
  const auto ends_with = [](const DocSearchResult& result, const std::string& end) {
    EXPECT_TRUE(
        std::string_view(result.text).substr(0, result.text.find("more with")).ends_with(end))
        << result.text;
  };
  folder_.write("a/long.md", "shared " + random_prose(7, 300));
  folder_.write("b/one.md", "shared word\n");
  folder_.write("b/two.md", "another word\n");
  folder_.refresh();
  auto request = query("shared");
  request.documents = {"docs/b/"};
  request.whole = true;
  ends_with(search(request), "This is all of it: 2 chunks.\n");
  request.documents = {"one.md"};
  ends_with(search(request), "This is all of it: 1 chunk.\n");
  request = query("nowhere");
  request.documents = {"docs/b/"};
  ends_with(search(request),
            "No chunk matches. Searched 2 documents (2 chunks). Try other words, or keywords in "
            "the documents' languages.\n");
  request = query("shared");
  request.documents = {"long.md"};
  request.max_tokens = 200;
  ends_with(search(request), "1 of 1 matching chunk shown, the last in part; ");
  request = query("word");
  request.limit = 1;
  request.limit_given = true;
  ends_with(search(request), "1 of 2 matching chunks shown; ");
}

TEST_F(DocSearchTest, NamesTheNearestDocumentsWhenNothingMatches) {
  folder_.write("guide/install.md", "text\n");
  folder_.refresh();
  auto request = query("text");
  request.documents = {"instal.md"};
  const auto result = DocSearch(folder_.library()).search(request, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "documents: nothing is named \"instal.md\"; the nearest names are: "
            "docs/guide/install.md");
}

TEST_F(DocSearchTest, ASnippetIsVerbatimToo) {
  folder_.write("a.md", random_prose(3, 300) + "\n\nThe zyzzyva is a weevil. It sleeps.\n");
  folder_.write("b.md", random_prose(4, 900));
  folder_.refresh();
  auto request = query("what is a zyzzyva");
  request.detail = DocSearchRequest::Detail::snippet;
  const auto result = search(request);
  ASSERT_FALSE(result.chunks.empty());
  EXPECT_TRUE(result.chunks[0].text.starts_with("The zyzzyva is a weevil."));
  expect_verbatim(result.chunks[0]);
}

TEST_F(DocSearchTest, BudgetsHoldForRandomCalls) {
  for (unsigned i = 0; i < 15; ++i) {
    folder_.write("folder/" + std::to_string(i) + ".md", random_prose(i, 100 + 200 * i));
  }
  folder_.write("folder/line.txt", std::string(40'000, 'x') + " copper " + std::string(9'000, 'y'));
  folder_.refresh();
  const auto counter = make_token_estimator();
  std::mt19937 random(11);
  const std::vector<std::string> words{"copper", "数据库",          "город", "ledger", "zyzzyva",
                                       "parse",  "\"river stone\"", "part",  "section"};
  for (int call = 0; call < 1000; ++call) {
    DocSearchRequest request;
    for (unsigned w = 0; w <= random() % 6; ++w)
      request.query += words[random() % words.size()] + " ";
    request.max_tokens = 64 + random() % (random() % 2 == 0 ? 200 : 9936);
    request.limit = 1 + random() % 200;
    request.limit_given = random() % 2 == 0;
    request.detail = static_cast<DocSearchRequest::Detail>(random() % 3);
    if (random() % 4 == 0) request.notes = {"limit lowered to 200"};
    const auto result = search(request);
    ASSERT_LE(counter->count(result.text), request.max_tokens) << result.text;
    ASSERT_LE(result.total_tokens, request.max_tokens);
    ASSERT_LE(counter->count(result.text), result.total_tokens);
    ASSERT_LE(result.chunks.size(), request.limit_given ? request.limit : 1000);
    // Where something matches, something comes back.
    if (result.matches > 0) {
      ASSERT_FALSE(result.chunks.empty());
      if (request.detail != DocSearchRequest::Detail::ids) {
        ASSERT_FALSE(result.chunks[0].text.empty()) << request.max_tokens;
        expect_verbatim(result.chunks[0]);
      }
    }
  }
}

/// A vocabulary of the 256 bytes and of a few longer tokens.
std::string small_vocabulary() {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string file;
  int rank = 0;
  const auto add = [&](const std::string& token) {
    for (std::size_t i = 0; i < token.size(); i += 3) {
      unsigned group = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        group = group << 8 | (i + k < token.size() ? static_cast<unsigned char>(token[i + k]) : 0U);
      }
      for (std::size_t k = 0; k < 4; ++k) {
        file += i + k > token.size() ? '=' : digits[group >> (18 - 6 * k) & 63];
      }
    }
    file += " " + std::to_string(rank++) + "\n";
  };
  for (int byte = 0; byte < 256; ++byte) add(std::string(1, static_cast<char>(byte)));
  for (const char* token : {"in", "er", "on", "the", "st", "ne", "\n\n", " r", "iv", "iver"}) {
    add(token);
  }
  return file;
}

TEST_F(DocSearchTest, BudgetsHoldForAnExactTokenizer) {
  for (unsigned i = 0; i < 6; ++i) folder_.write(std::to_string(i) + ".md", random_prose(i, 300));
  const std::string vocabulary = folder_.root() + "/.vocabulary.tiktoken";
  folder_.write(".vocabulary.tiktoken", small_vocabulary());
  IndexWriter::Options options;
  options.tokenizer_file = vocabulary;
  folder_.refresh({}, options);
  const auto counter = load_bpe_tokenizer(vocabulary).value();
  const auto snapshot = folder_.snapshot();
  EXPECT_EQ(snapshot->manifest().tokenizer, counter->id());
  for (ChunkNumber c = 0; c < snapshot->chunk_bound(); ++c) {
    EXPECT_EQ(snapshot->chunk(c).tokens, counter->count(snapshot->chunk_text(c).value()));
    EXPECT_LE(snapshot->chunk(c).tokens, 512U);
  }
  std::mt19937 random(3);
  for (int call = 0; call < 100; ++call) {
    auto request = query("river stone engine 数据库");
    request.max_tokens = 64 + random() % 3000;
    const auto result = search(request);
    ASSERT_FALSE(result.chunks.empty());
    ASSERT_EQ(result.total_tokens, counter->count(result.text));
    ASSERT_LE(result.total_tokens, request.max_tokens);
  }
}

TEST_F(DocSearchTest, CursorsVisitEverythingOnce) {
  for (unsigned i = 0; i < 10; ++i) {
    folder_.write(std::to_string(i) + ".md", random_prose(i, 400));
  }
  folder_.refresh();
  const auto snapshot = folder_.snapshot();
  for (const std::size_t max_tokens : {64U, 150U, 700U, 6000U}) {
    auto request = query("copper lantern part river stone");
    request.max_tokens = max_tokens;
    request.limit = 7;
    std::map<std::string, std::uint64_t> next;  // the byte that a chunk goes on at
    std::uint64_t matches = 0;
    std::set<std::string> finished;
    for (int page = 0;; ++page) {
      ASSERT_LT(page, 5000);
      const auto result = search(request);
      matches = result.matches;
      for (const FoundChunk& chunk : result.chunks) {
        ASSERT_FALSE(finished.contains(chunk.chunk_id)) << chunk.chunk_id << " came twice";
        const auto number = find_chunk(*snapshot, chunk.chunk_id).value();
        const ChunkRow& row = snapshot->chunk(number);
        const auto known = next.find(chunk.chunk_id);
        EXPECT_EQ(chunk.location.byte_start, known == next.end() ? row.byte_start : known->second);
        next[chunk.chunk_id] = chunk.location.byte_end;
        if (chunk.location.byte_end == row.byte_start + row.bytes) finished.insert(chunk.chunk_id);
      }
      if (result.next_cursor.empty()) break;
      request.cursor = result.next_cursor;
    }
    EXPECT_EQ(finished.size(), matches) << max_tokens;
    EXPECT_EQ(finished.size(), next.size());
  }
}

TEST_F(DocSearchTest, ACursorOfOtherArgumentsIsRefused) {
  for (unsigned i = 0; i < 5; ++i) folder_.write(std::to_string(i) + ".md", random_prose(i, 400));
  folder_.refresh();
  auto request = query("copper");
  request.limit = 1;
  const std::string cursor = search(request).next_cursor;
  ASSERT_FALSE(cursor.empty());
  request.cursor = cursor;
  request.query = "lantern";
  EXPECT_NE(
      DocSearch(folder_.library()).search(request, {}).error().message.find("other arguments"),
      std::string::npos);
  for (const std::string bad : {"x", "s1", "s1.2.3", "s-1.2.3.0000", "s1.2.3.000g"}) {
    request.cursor = bad;
    EXPECT_NE(DocSearch(folder_.library()).search(request, {}).error().message.find("not a cursor"),
              std::string::npos);
  }
}

TEST_F(DocSearchTest, FollowsCommitsWithoutBeingReopened) {
  folder_.write("a.md", "copper\n");
  folder_.refresh();
  EXPECT_EQ(search(query("copper")).matches, 1U);
  folder_.write("b.md", "more copper\n");
  folder_.remove("a.md");
  folder_.refresh();
  const auto result = search(query("copper"));
  ASSERT_EQ(result.chunks.size(), 1U);
  EXPECT_EQ(result.chunks[0].document, "docs/b.md");
}

/// Prepares questions as it is told to, and counts how often.
class PreparingReader : public Reader {
 public:
  explicit PreparingReader(Result<PreparedQuestion> reply) : reply_(std::move(reply)) {}

  std::string name() const override { return "preparing"; }
  std::string identity() const override { return ""; }
  ReaderUsage read(const std::string&, PassageSource&, std::uint64_t, const CallContext&,
                   const OnVerdict&) override {
    return {};
  }
  ReaderPlan plan(const std::string&, PassageSource&) const override { return {}; }
  Result<std::string> answer(const PreparedQuestion&, std::span<const Passage>, const CallContext&,
                             ReaderUsage&) override {
    return Error{ErrorKind::unsupported, "no model"};
  }
  Result<PreparedQuestion> prepare(const std::string&, std::span<const std::string>,
                                   const CallContext&, ReaderUsage&) override {
    ++calls_;
    return reply_;
  }

  int calls() const { return calls_; }
  void reply(Result<PreparedQuestion> reply) { reply_ = std::move(reply); }

 private:
  Result<PreparedQuestion> reply_;
  int calls_ = 0;
};

class ExpandedSearchTest : public DocSearchTest {
 protected:
  ExpandedSearchTest() {
    folder_.write("harbour.txt", "Ships rest in the harbour over winter.\n");
    folder_.write("chinese.txt", "船舶在港口过冬。\n");
    folder_.write("sentence.txt", "An answer in one sentence is a brief answer.\n");
    folder_.refresh();
  }
  DocSearchResult expanded(const DocSearch& search, DocSearchRequest request) {
    request.expand = true;
    auto result = search.search(request, {});
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? std::move(result).value() : DocSearchResult{};
  }
  LibraryLanguages languages_;

  static std::set<std::string> documents(const DocSearchResult& result) {
    std::set<std::string> names;
    for (const FoundChunk& chunk : result.chunks) names.insert(chunk.document);
    return names;
  }
};

TEST_F(ExpandedSearchTest, TheInstructionDoesNotReachTheQuery) {
  const auto asked = query("Where are ships? Answer in one sentence.");
  EXPECT_EQ(documents(search(asked)).count("docs/sentence.txt"), 1U);
  EXPECT_FALSE(search(asked).expanded);
  const auto result = expanded(DocSearch(folder_.library()), asked);
  EXPECT_EQ(documents(result), std::set<std::string>{"docs/harbour.txt"});
  ASSERT_TRUE(result.expanded);
  EXPECT_FALSE(result.expanded->by_model);
  EXPECT_EQ(result.expanded->question.instruction, "Answer in one sentence.");
  EXPECT_TRUE(result.notes.empty());
}

TEST_F(ExpandedSearchTest, TheModelsKeywordsAreSearched) {
  PreparingReader reader(
      PreparedQuestion{"where are ships", "in one sentence", {"\u8239\u8236", "winter"}});
  const auto result =
      expanded(DocSearch(folder_.library(), reader, languages_), query("Ships? One sentence."));
  EXPECT_EQ(documents(result), (std::set<std::string>{"docs/harbour.txt", "docs/chinese.txt"}));
  EXPECT_TRUE(result.expanded->by_model);
  EXPECT_NE(result.text.find("Searched for: where are ships; keywords:"), std::string::npos);
  EXPECT_LE(result.total_tokens, default_max_tokens);
}

TEST_F(ExpandedSearchTest, AModelThatFailsIsSaid) {
  PreparingReader reader(Error{ErrorKind::unavailable, "HTTP 503"});
  const auto result = expanded(DocSearch(folder_.library(), reader, languages_), query("ships"));
  EXPECT_EQ(documents(result), std::set<std::string>{"docs/harbour.txt"});
  EXPECT_FALSE(result.expanded->by_model);
  ASSERT_EQ(result.notes.size(), 1U);
  EXPECT_NE(result.notes[0].find("HTTP 503"), std::string::npos);
}

TEST_F(ExpandedSearchTest, AModelsOwnQuotationMarksAskForNoLiterals) {
  PreparingReader reader(PreparedQuestion{"\"ships harbour\" \"over winter\"", "", {}});
  const DocSearch search(folder_.library(), reader, languages_);
  EXPECT_EQ(documents(expanded(search, query("ships in winter"))),
            std::set<std::string>{"docs/harbour.txt"});
  EXPECT_EQ(documents(expanded(search, query("ships \"over winter\""))),
            std::set<std::string>{"docs/harbour.txt"});
  reader.reply(PreparedQuestion{"ships \"over summer\"", "", {}});
  EXPECT_TRUE(documents(expanded(search, query("ships \"over summer\""))).empty());
}

TEST_F(ExpandedSearchTest, TheNextPageIsRankedByTheSameWords) {
  PreparingReader reader(PreparedQuestion{"ships", "", {"\u8239\u8236", "answer"}});
  const DocSearch search(folder_.library(), reader, languages_);
  auto request = query("ships? briefly");
  request.limit = 1;
  request.limit_given = true;
  std::set<std::string> seen;
  for (int page = 0; page < 3; ++page) {
    const auto result = expanded(search, request);
    ASSERT_EQ(result.chunks.size(), 1U);
    seen.insert(result.chunks[0].document);
    request.cursor = result.next_cursor;
    reader.reply(PreparedQuestion{"something else", "", {}});
  }
  EXPECT_EQ(seen.size(), 3U);
  EXPECT_EQ(request.cursor, "");
  EXPECT_EQ(reader.calls(), 1);
}

TEST_F(ExpandedSearchTest, StaysWithinTheSmallestBudget) {
  auto request = query("Where are ships? Answer in one sentence.");
  request.max_tokens = min_max_tokens;
  const auto result = expanded(DocSearch(folder_.library()), request);
  EXPECT_LE(result.total_tokens, min_max_tokens);
  EXPECT_EQ(result.chunks.size(), 1U);
}

}  // namespace
}  // namespace callslip
