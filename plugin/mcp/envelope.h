// The envelope of a request: what its _meta says of the era and of the client.
//
// Stateless; any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <variant>

#include "plugin/mcp/json_rpc.h"

namespace callslip {

/// The protocol version in the request itself; null: it has none, and is of the legacy era.
const nlohmann::json* stated_version(const RpcRequest& request);

/// Whether the request is of the modern era; or what is wrong with its envelope.
std::variant<bool, RpcError> read_envelope(const RpcRequest& request);

RpcError unsupported_version(const nlohmann::json& requested);

}  // namespace callslip
