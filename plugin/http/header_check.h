// HeaderCheck: whether the headers of a modern request say what its body says. Whatever stands in
// front of the server may have routed or refused by the headers; the body is what is served.
//
// Stateless; any thread.
#pragma once

#include <optional>

#include "plugin/http/http_exchange.h"
#include "plugin/mcp/json_rpc.h"
#include "plugin/mcp/param_headers.h"

namespace callslip {

/// What does not match, as the answer to it; nothing: all does. Only for requests, not for
/// notifications.
std::optional<RpcError> header_mismatch(const HttpRequest& http, const RpcRequest& request,
                                        const ParamHeaders& params);

}  // namespace callslip
