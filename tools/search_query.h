// SearchQuery: what a search of doc_search looks for: words to rank by, and literals that every
// chunk must hold.
//
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/result.h"
#include "index/snapshot.h"
#include "tools/call_context.h"
#include "tools/doc_search.h"
#include "tools/search_terms.h"

namespace callslip {

struct SearchQuery {
  std::string words;  // those in quotation marks count for the order too
  std::vector<std::string> literals;
};

/// Takes the quoted parts of the query, which become literals, apart from the rest.
SearchQuery split_query(const DocSearchRequest& request);

std::vector<WeightedTerm> terms_of(const SearchQuery& query, const DocSearchRequest& request,
                                   LanguageSet languages);

/// Of all that a cursor of the request depends on.
std::uint64_t digest_of(const DocSearchRequest& request);

/// The chunks that hold every literal, ascending.
Result<std::vector<ChunkNumber>> holding_all(const Snapshot& snapshot,
                                             const std::vector<std::string>& literals,
                                             const Scope& scope, const CallContext& context);

/// What is searched for a prepared question. The instruction stays out of it.
DocSearchRequest expanded_request(const DocSearchRequest& request,
                                  const QuestionPreparation& preparation,
                                  std::vector<std::string> notes);

}  // namespace callslip
