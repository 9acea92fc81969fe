// System: what is measured: something that ranks the documents of a collection for a query.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/relevance/collection.h"
#include "bench/relevance/measures.h"
#include "index/tokens/token_counter.h"

namespace callslip::bench {

inline constexpr std::size_t kDepth = 100;  // documents that are looked at

class System {
 public:
  virtual ~System() = default;
  virtual std::string name() const = 0;
  /// Takes in the documents; `collection` stays while this is used.
  virtual void open(const Collection& collection) = 0;
  /// At least kDepth documents, where so many match.
  virtual RankedIds rank(const Collection::Query& query) = 0;
  /// What a caller gets to read within a budget of tokens. Of a system that ranks documents: their
  /// texts, best first, the last one cut.
  virtual std::string passages(const Collection::Query& query, std::size_t max_tokens);

 protected:
  const Collection* collection_ = nullptr;
};

/// Callslip's own doc_search; without `mend`, misspelt words stay as they are.
std::unique_ptr<System> make_callslip(bool mend = true);
/// BM25 as in Lucene's defaults for research (k1 0.9, b 0.4), Porter's stemmer, Lucene's English
/// stop words, pairs of CJK letters: as data/eval.py does.
std::unique_ptr<System> make_plain_bm25();
/// SQLite's full-text index with its bm25() and Porter's stemmer, query words joined by OR.
std::unique_ptr<System> make_fts5();
/// Runs that some other program left: FOLDER/COLLECTION.tsv, query-id, corpus-id, ..., score.
std::unique_ptr<System> make_run_files(std::string name, std::string folder);

}  // namespace callslip::bench
