// Chunks that follow each other are shown as one passage, within the budget.

#include "tools/passages.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "index/document_id.h"
#include "tests/support/indexed_folder.h"
#include "tools/chunk_selection.h"
#include "tools/doc_search.h"

namespace callslip::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PassagesTest : public ::testing::Test {
 protected:
  void index(std::uint32_t chunk_tokens = 64) {
    IndexWriter::Options options;
    options.chunk_tokens = chunk_tokens;
    folder_.refresh({}, options);
  }
  DocSearchResult search(const std::string& query, std::size_t max_tokens,
                         const std::string& cursor = "") {
    DocSearchRequest request;
    request.query = query;
    request.whole = false;
    request.limit = 200;
    request.max_tokens = max_tokens;
    request.cursor = cursor;
    auto result = DocSearch(folder_.library()).search(request, {});
    EXPECT_TRUE(result.ok());
    return result ? std::move(result).value() : DocSearchResult{};
  }
  std::string text_of(const std::string& name) {
    const auto snapshot = folder_.snapshot();
    const auto document = snapshot->find(document_id("docs/" + name));
    return *snapshot->text(*document, 0, snapshot->document(*document).text_bytes);
  }

  IndexedFolder folder_;
};

TEST_F(PassagesTest, NeighboursAreOnePassageInTheOrderOfTheText) {
  // A paragraph is most of a chunk.
  std::string text;
  for (int i = 0; i < 12; ++i) {
    text += i >= 4 && i < 8 ? "Here the herons stand" : "Nobody stands";
    text += " in the reeds for a long time, and waits for the fish to come near in the evening, ";
    text += "when the wind goes down and the water of the lake is still.\n\n";
  }
  folder_.write("a.md", text);
  folder_.write("b.md", "One heron more.\n");
  index();
  const DocSearchResult result = search("herons", 6000);
  ASSERT_FALSE(result.passages.empty()) << result.text;
  const FoundPassage& passage = result.passages.front();
  EXPECT_EQ(passage.document, "docs/a.md");
  EXPECT_GE(passage.chunk_ids.size(), 2U);
  const std::string verbatim = text.substr(passage.location.byte_start,
                                           passage.location.byte_end - passage.location.byte_start);
  EXPECT_THAT(result.text, HasSubstr(verbatim)) << "without a header in between";
  // Its range can be read by the id in the header.
  const std::string& first = passage.chunk_ids.front();
  const std::string& last = passage.chunk_ids.back();
  const std::string range = first + "-" + last.substr(last.find(':') + 1);
  EXPECT_THAT(result.text, HasSubstr(range + "\n"));
  ReadChunksRequest request;
  request.chunk_ids = {range};
  const auto snapshot = folder_.snapshot();
  const auto chunks = chunks_by_id(*snapshot, request);
  ASSERT_TRUE(chunks.ok());
  std::vector<std::string> ids;
  for (const RankedChunk& chunk : *chunks) ids.push_back(chunk_id_of(*snapshot, chunk.chunk));
  EXPECT_EQ(ids, passage.chunk_ids);
}

TEST_F(PassagesTest, ChunksStayAsTheyAreAndInTheOrderOfTheirRank) {
  for (unsigned i = 0; i < 5; ++i) {
    folder_.write(std::to_string(i) + ".md", random_prose(i, 900));
  }
  index();
  const DocSearchResult result = search("river stone library", 4000);
  for (std::size_t i = 0; i < result.chunks.size(); ++i) {
    const FoundChunk& chunk = result.chunks[i];
    const std::string text = text_of(chunk.document.substr(5));
    EXPECT_EQ(chunk.text, text.substr(chunk.location.byte_start,
                                      chunk.location.byte_end - chunk.location.byte_start));
    if (i > 0 && !chunk.truncated) {
      EXPECT_LE(chunk.score, result.chunks[i - 1].score);
    }
  }
}

TEST_F(PassagesTest, TheBudgetHoldsAndPagesNeitherRepeatNorLose) {
  for (unsigned i = 0; i < 4; ++i) {
    folder_.write(std::to_string(i) + ".md", random_prose(i, 700));
  }
  index();
  for (const std::size_t budget : {200U, 333U, 700U, 1500U, 4001U}) {
    std::set<std::string> seen;
    std::string cursor;
    std::uint64_t matches = 0;
    do {
      const DocSearchResult page = search("river stone copper winter", budget, cursor);
      EXPECT_LE(page.total_tokens, budget);
      EXPECT_LE(folder_.library().view({})->tokens->count(page.text), budget);
      ASSERT_FALSE(page.chunks.empty());
      for (const FoundChunk& chunk : page.chunks) {
        const std::string piece = chunk.chunk_id + "@" + std::to_string(chunk.location.byte_start);
        EXPECT_TRUE(seen.insert(piece).second) << piece << " again";
      }
      std::set<std::string> ids;
      for (const FoundChunk& chunk : page.chunks) ids.insert(chunk.chunk_id);
      for (const FoundPassage& passage : page.passages) {
        for (const std::string& id : passage.chunk_ids) EXPECT_EQ(ids.erase(id), 1U) << id;
      }
      matches = page.matches;
      cursor = page.next_cursor;
    } while (!cursor.empty());
    std::set<std::string> ids;
    for (const std::string& piece : seen) ids.insert(piece.substr(0, piece.find('@')));
    EXPECT_EQ(ids.size(), matches) << budget;
  }
}

TEST_F(PassagesTest, ALargerBudgetGivesLongerPassages) {
  folder_.write("a.md", random_prose(1, 3000));
  folder_.write("b.md", random_prose(2, 3000));
  index();
  const auto longest = [&](std::size_t budget) {
    std::size_t chunks = 1;
    for (const FoundPassage& passage : search("river stone", budget).passages) {
      chunks = std::max(chunks, passage.chunk_ids.size());
    }
    return chunks;
  };
  EXPECT_LT(longest(500), longest(3000));
  EXPECT_LT(longest(3000), longest(9000));
}

TEST_F(PassagesTest, ARangeOfChunksMustBeOne) {
  folder_.write("a.md", random_prose(1, 300));
  index();
  const auto snapshot = folder_.snapshot();
  const std::string id = document_id_text(document_id("docs/a.md"));
  const auto error = [&](const std::string& range) {
    ReadChunksRequest request;
    request.chunk_ids = {range};
    const auto chunks = chunks_by_id(*snapshot, request);
    return chunks ? std::string() : chunks.error().message;
  };
  EXPECT_THAT(error(id + ":0-1"), IsEmpty());
  EXPECT_THAT(error(id + ":2-1"), HasSubstr("ends before it begins"));
  EXPECT_THAT(error(id + ":0-9999"), HasSubstr("does not exist"));
  EXPECT_THAT(error(id + ":0-x"), HasSubstr("is not a chunk id"));
}

}  // namespace
}  // namespace callslip::test
