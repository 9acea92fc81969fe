// That there is a view of results to embed: a resource, and `_meta` of the tools whose results it
// shows. It needs no method of its own.
#include "plugin/mcp/method.h"
#include "plugin/page/mcp_app.h"

namespace callslip {

MethodGroup mcp_app_methods(const McpServices& services) {
  MethodGroup group;
  for (const FixedResource& resource : services.resources) {
    if (resource.described.value("uri", "") != kMcpAppUri) continue;
    // Revisions before 2026-07-28 have no extensions; their hosts look at the tools.
    group.modern_capabilities["extensions"][std::string(kMcpAppExtension)] =
        nlohmann::json::object();
  }
  return group;
}

}  // namespace callslip
