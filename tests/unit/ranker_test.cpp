#include "index/search/ranker.h"

#include <gtest/gtest.h>
#include <xapian.h>

#include "index/analyzer.h"
#include "index/document_id.h"
#include "tests/support/indexed_folder.h"

namespace callslip {
namespace {

using test::IndexedFolder;
using test::random_prose;

std::vector<WeightedTerm> terms_of(const std::string& query) {
  std::vector<WeightedTerm> terms;
  for (QueryTerm& term : query_terms(query)) {
    terms.push_back({std::move(term.term), static_cast<double>(term.frequency)});
  }
  return terms;
}

std::vector<std::pair<std::string, float>> named(const Snapshot& snapshot, const Ranking& ranking) {
  std::vector<std::pair<std::string, float>> out;
  for (const RankedChunk& chunk : ranking.top) {
    out.emplace_back(std::string(snapshot.name(snapshot.document_of(chunk.chunk))) + ":" +
                         std::to_string(snapshot.chunk(chunk.chunk).byte_start),
                     chunk.score);
  }
  return out;
}

/// The same chunks in a Xapian database of their own, scored by Xapian's matcher.
TEST(Ranker, AgreesWithXapiansMatcher) {
  IndexedFolder folder;
  for (unsigned i = 0; i < 20; ++i) {
    folder.write(std::to_string(i) + ".md", random_prose(i, 200 + 150 * i));
  }
  folder.refresh();
  const auto snapshot = folder.snapshot();
  ASSERT_GT(snapshot->chunk_count(), 60U);

  Xapian::WritableDatabase database("", Xapian::DB_BACKEND_INMEMORY);
  Analyzer analyzer(Analyzer::Mode::index);
  for (ChunkNumber c = 0; c < snapshot->chunk_bound(); ++c) {
    analyzer.clear();
    const DocumentNumber d = snapshot->document_of(c);
    analyzer.set_languages({language_from_number(snapshot->document(d).language)});
    analyzer.add_path(snapshot->name(d));
    for (int i = 0; i < 3; ++i) analyzer.add(snapshot->string(d, snapshot->document(d).title));
    const std::string text = snapshot->chunk_text(c).value();
    auto headings = snapshot->heading_path(c);
    const bool begins_with_heading = text.starts_with('#');
    if (begins_with_heading) headings.pop_back();
    for (const std::string& heading : headings) {
      if (heading != snapshot->string(d, snapshot->document(d).title)) analyzer.add(heading);
    }
    analyzer.add(text);
    Xapian::Document document;
    for (const auto& count : analyzer.counts()) {
      document.add_term(std::string(count.term), count.frequency);
    }
    database.replace_document(c + 1, document);
    const auto lengths = snapshot->segments()[0].segment->catalog().lengths();
    EXPECT_EQ(analyzer.length(), lengths[c]) << "chunk " << c;
  }
  for (const std::string& query :
       {std::string("copper lantern"), std::string("数据库 telegraph 方法 город"),
        random_prose(99, 400)}) {
    Bm25 bm25;
    bm25.k1_unspaced = bm25.k1;  // Xapian's matcher has one for all
    const auto ours = rank(*snapshot, terms_of(query), snapshot->living(), 20, bm25).value();
    Xapian::Query disjunction;
    for (const WeightedTerm& term : terms_of(query)) {
      disjunction |= Xapian::Query(term.term, static_cast<Xapian::termcount>(term.weight));
    }
    Xapian::Enquire enquire(database);
    enquire.set_query(disjunction);
    // k3 so large that a term's weight grows with its frequency in the query.
    enquire.set_weighting_scheme(Xapian::BM25Weight(bm25.k1, 0, 1e9, bm25.b, 0));
    const Xapian::MSet theirs = enquire.get_mset(0, 20, database.get_doccount());
    EXPECT_EQ(ours.matches, theirs.get_matches_estimated());
    ASSERT_EQ(ours.top.size(), theirs.size());
    for (std::size_t i = 0; i < ours.top.size(); ++i) {
      const double expected = theirs[static_cast<Xapian::doccount>(i)].get_weight();
      EXPECT_NEAR(ours.top[i].score, expected, expected * 1e-4) << query << " at " << i;
    }
  }
}

TEST(Ranker, AnOrOfAllWordsNeverReturnsNothingForOneThatIsAbsent) {
  IndexedFolder folder;
  folder.write("a.md", "The harbour master keeps the ledger.");
  folder.refresh();
  const auto snapshot = folder.snapshot();
  const auto ranking =
      rank(*snapshot, terms_of("who keeps the zyzzyva ledger?"), snapshot->living(), 5).value();
  EXPECT_EQ(ranking.top.size(), 1U);
}

TEST(Ranker, DoesNotDependOnHowTheIndexIsCutIntoSegments) {
  IndexedFolder at_once;
  IndexedFolder piecewise;
  for (unsigned i = 0; i < 12; ++i) {
    const std::string name = std::to_string(i) + ".md";
    at_once.write(name, random_prose(i, 300));
    piecewise.write(name, random_prose(i + 100, 200));
    piecewise.refresh();
    piecewise.write(name, random_prose(i, 300));
    if (i % 3 == 0) piecewise.write("gone.md", random_prose(50 + i, 500));
    piecewise.refresh();
  }
  piecewise.remove("gone.md");
  piecewise.refresh();
  at_once.refresh();
  EXPECT_GT(piecewise.snapshot()->manifest().segments.size(),
            at_once.snapshot()->manifest().segments.size());
  for (const std::string query : {"lantern voyage", "数据库", "garden theorem книга signal"}) {
    const auto one = rank(*at_once.snapshot(), terms_of(query), at_once.snapshot()->living(), 50);
    const auto many =
        rank(*piecewise.snapshot(), terms_of(query), piecewise.snapshot()->living(), 50);
    EXPECT_EQ(one->matches, many->matches);
    EXPECT_EQ(named(*at_once.snapshot(), *one), named(*piecewise.snapshot(), *many));
  }
}

TEST(Ranker, KeepsToItsScope) {
  IndexedFolder folder;
  folder.write("a.md", "copper copper copper");
  folder.write("b.md", "copper");
  folder.refresh();
  const auto snapshot = folder.snapshot();
  const auto document = snapshot->find(document_id("docs/b.md"));
  ASSERT_TRUE(document);
  const auto ranking =
      rank(*snapshot, terms_of("copper"), {snapshot->chunks_of(*document)}, 10).value();
  EXPECT_EQ(ranking.matches, 1U);
  ASSERT_EQ(ranking.top.size(), 1U);
  EXPECT_EQ(snapshot->name(snapshot->document_of(ranking.top[0].chunk)), "docs/b.md");
}

}  // namespace
}  // namespace callslip
