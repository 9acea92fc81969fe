// Literal search: the chunks whose stored text holds a string, byte for byte.
//
// The words inside the literal narrow the candidates by their posting lists; the text decides.
// Any thread may call.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "index/result.h"
#include "index/search/ranker.h"
#include "index/snapshot.h"

namespace callslip {

/// In ascending order. ErrorKind::cancelled when `stop` is requested.
Result<std::vector<ChunkNumber>> chunks_holding(const Snapshot& snapshot,
                                                const std::string& literal, const Scope& scope,
                                                const std::stop_token& stop);

}  // namespace callslip
