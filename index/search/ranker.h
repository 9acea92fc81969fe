// BM25 over chunks, term at a time.
//
// Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with
// Xapian's variant of the inverse document frequency, which never goes below zero. Every query is
// a disjunction: a chunk that holds one of its terms is a match. Scores do not depend on how the
// index is cut into segments. Any thread may call.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "index/result.h"
#include "index/snapshot.h"

namespace callslip {

/// Chosen by bench/relevance_sweep (docs/RELEVANCE.md).
struct Bm25 {
  double k1 = 1.2;
  double b = 0.8;
  double k1_unspaced = 0.8;  // for terms of scripts without spaces: their n-grams overlap
};

struct WeightedTerm {
  std::string term;
  double weight = 1;  // how often it stands in the query, or what it is worth
  /// Terms that follow each other with the same number are forms of one word, which is as rare, and
  /// as frequent in a chunk, as all of them together; 0: a word of its own.
  std::uint32_t word = 0;
};

struct RankedChunk {
  ChunkNumber chunk = 0;
  float score = 0;
};

struct Ranking {
  std::vector<RankedChunk> top;  // best first; ties by document id, then by position
  std::uint64_t matches = 0;     // chunks in scope that hold any term
};

std::uint64_t scope_size(const Scope& scope);

/// The best `limit` chunks of a scope. Statistics stay those of the whole index, so that a score
/// means the same in every scope.
Result<Ranking> rank(const Snapshot& snapshot, std::span<const WeightedTerm> terms,
                     const Scope& scope, std::size_t limit, Bm25 parameters = {});

/// How rare a term is: its BM25 weight in this snapshot; 0 when no chunk holds it.
Result<double> term_weight(const Snapshot& snapshot, const std::string& term);

}  // namespace callslip
