// Method: one method of the protocol; the seam of the protocol core. Methods come in groups (tools,
// resources, ...); a group is a file, and a line in method_table.cpp.
//
// Constant after construction; any number of threads may answer.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "plugin/mcp/json_rpc.h"
#include "plugin/mcp/outlet.h"
#include "plugin/mcp/session.h"
#include "plugin/toolset/tool.h"
#include "tools/call_context.h"

namespace callslip {

/// What methods work with. All outlive them.
struct McpServices {
  const std::vector<Tool>& tools;
  Library* library = nullptr;  // null: nothing to list (tests)
  std::string version;
};

/// One request, while it is answered.
struct McpCall {
  std::shared_ptr<const RpcRequest> request;
  bool modern = false;  // its era
  std::shared_ptr<McpSession> session;
  std::shared_ptr<Outlet> outlet;  // keep it to answer later, see Deferred
  CallContext context;             // of methods that run at once: empty

  /// A member of params; null: it is missing.
  const nlohmann::json* param(const char* name) const;
};

/// The answer comes later, through the outlet, after session->release(id); until then the stop
/// token says when nobody wants it any more. Not of methods that run at once.
struct Deferred {};
/// Cancelled: no answer.
struct NoAnswer {};

using MethodAnswer = std::variant<nlohmann::json, RpcError, Deferred, NoAnswer>;

struct Method {
  enum class Era { both, legacy, modern };
  /// `at_once`: on the transport's I/O thread, never blocks. `worker`: may read the disk.
  /// `waiting`: may wait, for a model perhaps, and holds up nobody. Only those that do not run at
  /// once can be cancelled and counted.
  enum class Runs { at_once, worker, waiting };

  std::string name;
  Era era = Era::both;
  std::function<Runs(const McpCall& call)> runs;  // empty: at once
  std::function<MethodAnswer(McpCall& call)> answer;
};

struct MethodGroup {
  std::vector<Method> methods;
  nlohmann::json capabilities = nlohmann::json::object();         // of both eras
  nlohmann::json modern_capabilities = nlohmann::json::object();  // besides
};

/// Every group; the first that has a method answers it.
std::vector<MethodGroup> make_methods(const McpServices& services);

/// Adds what a modern result of a list or a resource says of caching.
void set_cacheable(nlohmann::json& result, const McpCall& call, int ttl_ms, bool everyone);

}  // namespace callslip
