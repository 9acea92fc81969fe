// From the verdicts of a reading to what is returned: the evidence, and the chunks that it ranks.
//
// The step of Qwen-Agent's ParallelDocQA (Qwen team, 2024) after reading: the relevant sentences
// are the query. Pure functions over a snapshot.
#pragma once

#include <string>
#include <vector>

#include "index/result.h"
#include "index/search/ranker.h"
#include "index/snapshot.h"
#include "index/tokens/token_counter.h"
#include "tools/read_chunks.h"
#include "tools/reading.h"

namespace callslip {

/// The relevant sentences of a reading in the order of their chunks, each once.
Result<std::vector<Evidence>> gather_evidence(const Snapshot& snapshot, const Reading& reading,
                                              const std::vector<RankedChunk>& order,
                                              const TokenCounter& counter);

/// How far the verdicts of a reader are to be trusted: a model's decide which chunks come first;
/// those of a reader that only compares words add words to the query.
enum class Trust { full, some };

/// With full trust, chunks with evidence come first, each group best first, and without evidence
/// there are none; else the best of all come first. `query`: the question and its keywords.
Result<std::vector<RankedChunk>> rank_by_evidence(const Snapshot& snapshot, const Reading& reading,
                                                  const std::string& query, const Scope& scope,
                                                  Trust trust);

/// The question's words that no document holds, as they stand in it.
Result<std::vector<std::string>> unknown_terms(const Snapshot& snapshot,
                                               const std::string& question);

/// none: nothing is relevant. strong: the evidence of one chunk, with its headings, holds half of
/// the question's weight (rare words weigh more); where a model judged, which sees what words do
/// not tell, it is strong unless a third of that weight stands in no document. Else weak.
Result<EvidenceStrength> evidence_strength(const Snapshot& snapshot, const std::string& question,
                                           const std::vector<Evidence>& evidence, bool by_model);

}  // namespace callslip
