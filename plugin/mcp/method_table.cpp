#include "plugin/mcp/conformance/fixtures.h"
#include "plugin/mcp/method.h"
#include "plugin/mcp/protocol_names.h"

// A group is a function in a file of its own, and a line here.
#define CALLSLIP_METHOD_GROUPS(X) \
  X(tool_methods)                 \
  X(resource_methods)             \
  X(prompt_methods)               \
  X(completion_methods)           \
  X(mcp_app_methods)              \
  X(task_methods)                 \
  X(subscription_methods)

namespace callslip {

#define CALLSLIP_DECLARE(function) MethodGroup function(const McpServices& services);
CALLSLIP_METHOD_GROUPS(CALLSLIP_DECLARE)

std::vector<MethodGroup> make_methods(const McpServices& services) {
  std::vector<MethodGroup> groups;
#define CALLSLIP_ADD(function) groups.push_back(function(services));
  CALLSLIP_METHOD_GROUPS(CALLSLIP_ADD)
  if (services.conformance_fixtures) conformance::add_fixtures(groups, services);
  return groups;
}

void set_cacheable(nlohmann::json& result, const McpCall& call, int ttl_ms, bool everyone) {
  if (!call.modern) return;
  result["ttlMs"] = ttl_ms;
  result["cacheScope"] = everyone ? "public" : "private";
}

}  // namespace callslip
