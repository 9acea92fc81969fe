// McpCall: one request, while it is answered.
//
// Copied freely: what it holds is shared, or constant. Belongs to the thread that answers.
#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>

#include "plugin/mcp/json_rpc.h"
#include "plugin/mcp/log_level.h"
#include "plugin/mcp/outlet.h"
#include "plugin/mcp/session.h"
#include "tools/call_context.h"

namespace callslip {

struct McpCall {
  std::shared_ptr<const RpcRequest> request;
  bool modern = false;  // its era
  std::shared_ptr<McpSession> session;
  std::shared_ptr<Outlet> outlet;  // keep it to answer later, see Deferred
  CallContext context;             // of methods that run at once: empty

  /// A member of params; null: it is missing.
  const nlohmann::json* param(const char* name) const;
  /// A member of params._meta; null: it is missing.
  const nlohmann::json* meta(const char* name) const;

  /// What the client can do: of the request (modern) or of its session. An object.
  nlohmann::json client_capabilities() const;

  /// Before the reply.
  void notify(const std::string& method, const nlohmann::json& params) const;
  /// Where the client wants logs of this level.
  void log(LogLevel level, const nlohmann::json& data) const;
  /// Tells progress with the client's token, strictly increasing, at most every `interval`; empty
  /// where the client gave no token.
  CallContext::Progress progress(std::chrono::milliseconds interval) const;

  /// Asks the client and waits for what it says: its result, or why there is none. Legacy only.
  std::variant<nlohmann::json, RpcError> ask(
      const std::string& method, const nlohmann::json& params,
      std::chrono::milliseconds timeout = std::chrono::minutes(5)) const;
};

/// What is answered when a client lacks what the request needs, such as {"sampling": {}}.
RpcError missing_capability(const nlohmann::json& required);

}  // namespace callslip
