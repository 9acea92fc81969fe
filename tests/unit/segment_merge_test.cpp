// Merging: an index that came about in many commits says what one made at once says.
#include "index/store/segment_merge.h"

#include <gmock/gmock.h>

#include "tests/support/document_tree.h"
#include "tests/support/indexed_folder.h"
#include "tools/doc_search.h"

namespace callslip {
namespace {

using test::IndexedFolder;
using test::random_prose;

std::string document(unsigned number) {
  return "# Title " + std::to_string(number) + "\n\nmarker" + std::to_string(number) + " " +
         random_prose(number, 100 + number * 37 % 900);
}

std::string name(unsigned number) { return "d" + std::to_string(number) + ".md"; }

/// Everything that a search returns, best first; what is as good in order of the text.
std::vector<std::string> hits(IndexedFolder& folder, const std::string& query) {
  DocSearchRequest request;
  request.query = query;
  request.whole = false;
  request.max_tokens = 20'000;
  const auto result = DocSearch(folder.library()).search(request, {});
  if (!result) throw std::runtime_error(result.error().message);
  std::vector<std::string> out;
  for (const FoundChunk& chunk : result->chunks) {
    const std::string heading = chunk.headings.empty() ? "" : chunk.headings.back();
    out.push_back(std::to_string(chunk.score) + " " + chunk.document + " " + heading + ": " +
                  chunk.text);
  }
  std::sort(out.rbegin(), out.rend());
  return out;
}

TEST(SegmentMerge, ManyCommitsSayWhatOneSays) {
  IndexedFolder grown;
  constexpr unsigned kDocuments = 40;
  for (unsigned i = 0; i < kDocuments; ++i) {
    grown.write(name(i), document(i));
    if (i % 5 == 4) grown.remove(name(i - 2));
    if (i % 7 == 6) grown.write(name(i - 4), document(1000 + i));
    grown.refresh();
  }
  ASSERT_LT(grown.snapshot()->segments().size(), 8U);

  IndexedFolder at_once;
  for (const auto& [file, text] : testing_support::texts_in(grown.index_directory(), "docs")) {
    EXPECT_FALSE(file.empty()) << text;
    at_once.write(file, text);
  }
  IndexerOptions one_segment;
  one_segment.threads = 1;
  at_once.refresh(one_segment);
  ASSERT_EQ(at_once.snapshot()->segments().size(), 1U);
  EXPECT_EQ(grown.snapshot()->document_count(), at_once.snapshot()->document_count());
  EXPECT_EQ(grown.snapshot()->chunk_count(), at_once.snapshot()->chunk_count());
  EXPECT_EQ(grown.snapshot()->token_count(), at_once.snapshot()->token_count());
  EXPECT_EQ(testing_support::texts_in(grown.index_directory(), "docs"),
            testing_support::texts_in(at_once.index_directory(), "docs"));
  for (const char* query :
       {"marker39", "marker1006", "Title 17", "数据库", "книга telegraph", "Section 194 voyage"}) {
    EXPECT_EQ(hits(grown, query), hits(at_once, query)) << query;
  }
}

TEST(SegmentMerge, WhatIsGoneStaysGone) {
  IndexedFolder folder;
  for (unsigned i = 0; i < 20; ++i) folder.write(name(i), document(i));
  folder.refresh();
  folder.remove(name(3));
  for (unsigned i = 20; i < 30; ++i) {
    folder.write(name(i), document(i));
    folder.refresh();
  }
  ASSERT_LT(folder.snapshot()->segments().size(), 8U);
  for (const std::string& hit : hits(folder, "marker3")) {
    EXPECT_THAT(hit, testing::Not(testing::HasSubstr("d3.md")));
  }
  EXPECT_EQ(folder.snapshot()->document_count(), 29U);
}

}  // namespace
}  // namespace callslip
