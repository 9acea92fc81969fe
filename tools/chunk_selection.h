// What read_chunks is asked to read or to return, as chunks of a snapshot.
//
// Pure functions. An id or a pattern that names nothing is ErrorKind::invalid_argument.
#pragma once

#include <vector>

#include "index/result.h"
#include "index/search/ranker.h"
#include "index/snapshot.h"
#include "tools/read_chunks.h"

namespace callslip {

/// The chunks with the ids asked for and their neighbours, each once, in the order asked for.
Result<std::vector<RankedChunk>> chunks_by_id(const Snapshot& snapshot,
                                              const ReadChunksRequest& request);

/// What the question is read for: the chunks named, or all of the documents selected.
Result<Scope> scope_of(const Snapshot& snapshot, const ReadChunksRequest& request);

}  // namespace callslip
