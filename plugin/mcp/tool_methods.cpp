// tools/list and tools/call.
#include <algorithm>

#include "plugin/mcp/method.h"
#include "plugin/mcp/protocol_names.h"
#include "plugin/mcp/tool_result.h"
#include "plugin/mcp/tool_task.h"
#include "plugin/mcp/verdict_report.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kProgressInterval{100};

bool may_use(const Tool& tool, const Principal& principal) {
  return !tool.writes || principal.may_write;
}

json describe(const Tool& tool) {
  json described{{"name", tool.name},
                 {"title", tool.title},
                 {"description", tool.description},
                 {"inputSchema", tool.input_schema},
                 {"outputSchema", tool.output_schema},
                 {"annotations",
                  {{"readOnlyHint", !tool.writes},
                   {"openWorldHint", tool.open_world},
                   {"idempotentHint", true}}}};
  if (tool.writes) described["annotations"]["destructiveHint"] = true;
  if (!tool.meta.is_null()) described["_meta"] = tool.meta;
  return described;
}

MethodAnswer list_tools(const std::vector<Tool>& tools, const McpCall& call) {
  if (const json* cursor = call.param("cursor"); cursor != nullptr && !cursor->is_null()) {
    return RpcError{rpc_error::invalid_params, "cursor: this list has one page", {}, {}};
  }
  json list = json::array();
  for (const Tool& tool : tools) {
    if (may_use(tool, call.session->principal())) list.push_back(describe(tool));
  }
  json result{{"tools", std::move(list)}};
  set_cacheable(result, call, mcp::kListTtlMs, false);
  return result;
}

const Tool* find_tool(const std::vector<Tool>& tools, const McpCall& call) {
  const json* name = call.param("name");
  if (name == nullptr || !name->is_string()) return nullptr;
  const auto found =
      std::find_if(tools.begin(), tools.end(), [&](const Tool& t) { return t.name == *name; });
  return found == tools.end() || !may_use(*found, call.session->principal()) ? nullptr : &*found;
}

Method::Runs runs(const std::vector<Tool>& tools, const McpCall& call) {
  const Tool* tool = find_tool(tools, call);
  if (tool == nullptr) return Method::Runs::at_once;
  const json* given = call.param("arguments");
  const bool waits =
      tool->waits || (tool->waits_with && given != nullptr && tool->waits_with(*given));
  return waits ? Method::Runs::waiting : Method::Runs::worker;
}

/// resource_link came with 2025-06-18; whoever never said a version gets what everyone knows.
bool knows_links(const McpCall& call) {
  return call.modern || call.session->legacy_version() >= "2025-06-18";
}

MethodAnswer call_tool(const McpServices& services, McpCall& call) {
  const Tool* tool = find_tool(services.tools, call);
  if (tool == nullptr) {
    const json* name = call.param("name");
    if (name == nullptr || !name->is_string()) {
      return RpcError{rpc_error::invalid_params, "name: expected the name of a tool", {}, {}};
    }
    return RpcError{rpc_error::invalid_params,
                    "unknown tool \"" + name->get<std::string>().substr(0, 80) + "\"",
                    {},
                    {}};
  }
  call.context.progress = call.progress(kProgressInterval);
  call.context.verdicts = verdicts_to(call);
  const json* given = call.param("arguments");
  const json arguments = given == nullptr ? json::object() : *given;
  if (services.tasks != nullptr) {
    if (auto answer = run_as_task(*services.tasks, call, *tool, arguments)) {
      return std::move(*answer);
    }
  }
  auto output = tool->call(arguments, call.context);
  if (call.context.cancelled()) return NoAnswer{};
  return tool_result(std::move(output), knows_links(call));
}

}  // namespace

MethodGroup tool_methods(const McpServices& services) {
  MethodGroup group;
  group.capabilities = {{"tools", {{"listChanged", false}}}};
  const std::vector<Tool>& tools = services.tools;
  for (const Tool& tool : tools) group.tool_schemas.emplace_back(tool.name, tool.input_schema);
  group.methods = {
      {"tools/list", Method::Era::both, {}, [&](McpCall& call) { return list_tools(tools, call); }},
      {"tools/call", Method::Era::both, [&](const McpCall& call) { return runs(tools, call); },
       [services](McpCall& call) { return call_tool(services, call); }},
  };
  return group;
}

}  // namespace callslip
