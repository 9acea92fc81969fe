// DocSearch: Level 1. The best chunks for a query, inside a budget of tokens.
//
// Any number of threads may call search() at once.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "index/result.h"
#include "tools/call_context.h"
#include "tools/found_chunk.h"
#include "tools/library.h"
#include "tools/passages.h"
#include "tools/question_preparation.h"
#include "tools/relaxation.h"

namespace callslip {

inline constexpr std::size_t default_max_tokens = 6000;
inline constexpr std::size_t min_max_tokens = 64;
inline constexpr std::size_t default_max_result_tokens = 10000;

struct DocSearchRequest {
  enum class Detail { full, snippet, ids };

  std::string query;
  std::vector<std::string> keywords;
  std::vector<std::string> exact;
  std::vector<std::string> documents;
  std::size_t max_tokens = default_max_tokens;
  std::size_t limit = 20;
  bool limit_given = false;
  Detail detail = Detail::full;
  bool whole = true;    // whether a scope that fits may be returned whole
  bool expand = false;  // prepare the query first: by a model, or by rules
  bool mend = true;     // whether misspelt words are searched as the ones they are close to
  std::string cursor;
  std::vector<std::string> notes;  // what was clamped, to be said
};

struct DocSearchResult {
  std::vector<FoundChunk> chunks;      // best first
  std::vector<FoundPassage> passages;  // of several of them, as the text shows them
  std::uint64_t total_tokens = 0;      // of the text block
  std::uint64_t matches = 0;
  bool whole = false;  // everything in scope, in reading order
  std::string next_cursor;
  std::optional<QuestionPreparation> expanded;  // where it was asked for
  std::vector<Relaxation> relaxed;              // of a ranked answer's first page
  IndexInfo index;
  std::vector<std::string> notes;
  std::string text;  // complete by itself; at most max_tokens
};

class DocSearch {
 public:
  /// Queries are expanded by rules. `library` outlives this, as do the others.
  explicit DocSearch(Library& library) : library_(library) {}
  DocSearch(Library& library, Reader& reader, LibraryLanguages& languages)
      : library_(library), reader_(&reader), languages_(&languages) {}

  /// Errors: invalid_argument for the caller to mend; else what the index says.
  Result<DocSearchResult> search(const DocSearchRequest& request, const CallContext& context) const;

 private:
  struct Prepared {
    std::string query;
    std::uint64_t visibility = 0;  // keywords tell in which languages the documents are
    QuestionPreparation preparation;
  };

  QuestionPreparation prepare(const DocSearchRequest& request, const Snapshot& snapshot,
                              const CallContext& context, std::vector<std::string>& notes) const;

  Library& library_;
  Reader* const reader_ = nullptr;
  LibraryLanguages* const languages_ = nullptr;

  mutable std::mutex mutex_;
  // Guarded by mutex_. What a model made of the latest queries: the next page of an answer is
  // ranked by the same words.
  mutable std::deque<Prepared> recent_;
};

}  // namespace callslip
