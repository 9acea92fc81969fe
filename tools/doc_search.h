// DocSearch: Level 1. The best chunks for a query, inside a budget of tokens.
//
// Any number of threads may call search() at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/result.h"
#include "tools/call_context.h"
#include "tools/found_chunk.h"
#include "tools/library.h"

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
  bool whole = true;  // whether a scope that fits may be returned whole
  std::string cursor;
  std::vector<std::string> notes;  // what was clamped, to be said
};

struct DocSearchResult {
  std::vector<FoundChunk> chunks;
  std::uint64_t total_tokens = 0;  // of the text block
  std::uint64_t matches = 0;
  bool whole = false;  // everything in scope, in reading order
  std::string next_cursor;
  IndexInfo index;
  std::vector<std::string> notes;
  std::string text;  // complete by itself; at most max_tokens
};

class DocSearch {
 public:
  /// `library` outlives this.
  explicit DocSearch(Library& library) : library_(library) {}

  /// Errors: invalid_argument for the caller to mend; else what the index says.
  Result<DocSearchResult> search(const DocSearchRequest& request, const CallContext& context) const;

 private:
  Library& library_;
};

}  // namespace callslip
