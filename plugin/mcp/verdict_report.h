// The verdicts of a reading as they come, for a client that draws its coverage chunk by chunk. It
// asks for them by _meta["callslip/verdicts"]: true, as no standard message tells of more than a
// count. Each is told once, a few at a time, before the reply:
//
//   {"method": "notifications/callslip/verdicts", "params": {"requestId": 7,
//    "runs": [[0, "nnrn"], [9, "f"]],                   positions from 0: none, relevant, failed
//    "relevant": [{"position": 2, "chunk_id": "…", "document": "…"}]}}
//
// Stateless; any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "plugin/mcp/method.h"

namespace callslip {

/// For CallContext::verdicts; empty where the client did not ask.
std::function<void(const std::vector<JudgedChunk>&)> verdicts_to(const McpCall& call);

/// "runs" and "relevant".
nlohmann::json to_json(std::vector<JudgedChunk> judged);

}  // namespace callslip
