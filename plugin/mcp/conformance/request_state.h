// RequestState: what a server has to remember between two rounds of a request, given to the client
// to keep. Sealed: what it brings back is ours, of the same caller and request, and not old.
//
// Any thread. The key lives as long as the process.
#pragma once

#include <optional>
#include <string>

#include "plugin/mcp/mcp_call.h"

namespace callslip::conformance {

std::string seal_state(const McpCall& call, const std::string& state);

/// Of params.requestState; nothing: it is not to be trusted.
std::optional<std::string> unseal_state(const McpCall& call);

}  // namespace callslip::conformance
