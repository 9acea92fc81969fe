// Method: one method of the protocol; the seam of the protocol core. Methods come in groups (tools,
// resources, ...); a group is a file, and a line in method_table.cpp.
//
// Constant after construction; any number of threads may answer.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "plugin/mcp/fixed_resource.h"
#include "plugin/mcp/json_rpc.h"
#include "plugin/mcp/mcp_call.h"
#include "plugin/mcp/prompt.h"
#include "plugin/toolset/tool.h"

namespace callslip {

class ChangeFeed;
class Subscriptions;
class TaskService;

/// What methods work with. All outlive them.
struct McpServices {
  const std::vector<Tool>& tools;
  Library* library = nullptr;  // null: nothing to list (tests)
  std::string version;
  ChangeFeed* changes = nullptr;              // null: resources never change
  bool conformance_fixtures = false;          // what the conformance suite calls, besides
  Subscriptions* subscriptions = nullptr;     // the server's own: it sets this
  std::vector<FixedResource> resources = {};  // besides the documents
  std::vector<Prompt> prompts = {};
  TaskService* tasks = nullptr;  // null: no call becomes a task
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
  nlohmann::json legacy_capabilities = nlohmann::json::object();  // besides
  /// Names of tools and their input schemas, where those ask for headers (x-mcp-header).
  std::vector<std::pair<std::string, nlohmann::json>> tool_schemas;
};

/// Every group; the first that has a method answers it.
std::vector<MethodGroup> make_methods(const McpServices& services);

/// Adds what a modern result of a list or a resource says of caching.
void set_cacheable(nlohmann::json& result, const McpCall& call, int ttl_ms, bool everyone);

}  // namespace callslip
