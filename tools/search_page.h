// SearchPage: one answer of doc_search while it is laid out inside its budget.
#pragma once

#include <cstdint>
#include <optional>

#include "index/result.h"
#include "tools/call_context.h"
#include "tools/doc_search.h"
#include "tools/library.h"

namespace callslip {

/// Ranks, and writes what fits. `digest`: of the arguments as they were given (search_query.h);
/// `expanded`: what the request was made of, where it was prepared.
Result<DocSearchResult> lay_out_search(const DocSearchRequest& request, const LibraryView& view,
                                       std::uint64_t digest,
                                       std::optional<QuestionPreparation> expanded,
                                       const CallContext& context);

}  // namespace callslip
