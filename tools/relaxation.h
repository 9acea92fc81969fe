// Relaxation: what a search did not find as it was asked for, and what was done about it.
//
// So that a caller can tell "the answer is not there" from "other words are needed". Belongs to one
// search; errors are the index's.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "index/result.h"
#include "index/search/ranker.h"
#include "index/snapshot.h"

namespace callslip {

struct Relaxation {
  enum class Kind {
    missing,   // words that no chunk holds
    spelling,  // a word that no chunk holds, and the one that was searched instead
    weak,      // the best chunks hold little of the query: what they lack
    exact,     // literals that no chunk holds, or not together
    documents  // nothing matches in the documents asked for, but others do
  };
  Kind kind = Kind::missing;
  std::vector<std::string> words;
  std::string instead;  // of spelling, and of exact where another writing was found
  std::string note;     // the whole of it, as a sentence
};

/// "missing", "spelling", ...
const char* relaxation_name(Relaxation::Kind kind);

/// Words of the query that no chunk holds: terms of words that are close are added. Costs a look
/// into the cache for each term, and more only for those that are in no chunk.
Result<std::vector<Relaxation>> mend_words(const Snapshot& snapshot, std::string_view query,
                                           std::vector<WeightedTerm>& terms);

/// How much of a query's weight the best of these chunks holds, 0 to 1; question words and the like
/// weigh nothing, words that no chunk holds as much as rare ones.
struct QueryCover {
  double share = 1;
  std::size_t words = 0;             // that weigh something
  std::vector<std::string> lacking;  // words that the best chunk does not hold

  /// Whether most queries of which so little is held have no answer here.
  bool weak() const;
};
/// Looks no further where a chunk holds `enough`.
Result<QueryCover> cover_of(const Snapshot& snapshot, std::string_view query,
                            const std::vector<RankedChunk>& best, double enough = 1);

/// Below this share a match is weak: less where a query has more than ten words
/// (docs/RELEVANCE.md).
inline constexpr double weak_cover = 0.35;

/// The query with the words that were searched instead: what a match is judged by.
std::string mended_query(std::string_view query, const std::vector<Relaxation>& relaxed);

/// Nothing when the best chunks hold enough of the query, or of the keywords given with it.
Result<std::vector<Relaxation>> weak_match(const Snapshot& snapshot, std::string_view query,
                                           const std::vector<std::string>& keywords,
                                           const std::vector<RankedChunk>& best);

/// Why no chunk in scope holds all of these literals. `matches`: chunks that the words alone match.
Result<Relaxation> missing_literals(const Snapshot& snapshot,
                                    const std::vector<std::string>& literals, const Scope& scope,
                                    std::uint64_t matches, const std::stop_token& stop);

Relaxation other_documents(std::uint64_t matches);

}  // namespace callslip
