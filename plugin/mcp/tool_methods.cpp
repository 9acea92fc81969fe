// tools/list and tools/call.
#include <algorithm>

#include "plugin/mcp/method.h"
#include "plugin/mcp/protocol_names.h"
#include "plugin/mcp/verdict_report.h"

namespace callslip {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kProgressInterval{100};

bool may_use(const Tool& tool, const Principal& principal) {
  return !tool.writes || principal.may_write;
}

json describe(const Tool& tool) {
  json described{
      {"name", tool.name},
      {"title", tool.title},
      {"description", tool.description},
      {"inputSchema", tool.input_schema},
      {"outputSchema", tool.output_schema},
      {"annotations",
       {{"readOnlyHint", !tool.writes}, {"openWorldHint", false}, {"idempotentHint", true}}}};
  if (tool.writes) described["annotations"]["destructiveHint"] = true;
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

/// Strictly increasing, and no flood.
CallContext::Progress progress_to(const McpCall& call) {
  const json* meta = call.param("_meta");
  if (meta == nullptr || !meta->is_object()) return {};
  const auto token = meta->find("progressToken");
  if (token == meta->end() || !(token->is_string() || token->is_number_integer())) return {};
  return [outlet = call.outlet, stop = call.context.stop, token = *token, last = -1.0,
          next = Clock::now()](double progress, double total, const std::string& message) mutable {
    if (progress <= last || Clock::now() < next || stop.stop_requested()) return;
    last = progress;
    next = Clock::now() + kProgressInterval;
    outlet->send(rpc_notification("notifications/progress", {{"progressToken", token},
                                                             {"progress", progress},
                                                             {"total", total},
                                                             {"message", message}}));
  };
}

MethodAnswer call_tool(const std::vector<Tool>& tools, McpCall& call) {
  const Tool* tool = find_tool(tools, call);
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
  call.context.progress = progress_to(call);
  call.context.verdicts = verdicts_to(call);
  const json* given = call.param("arguments");
  auto output = tool->call(given == nullptr ? json::object() : *given, call.context);
  if (call.context.cancelled()) return NoAnswer{};
  json result;
  const std::string text = output ? std::move(output->text) : output.error().message;
  result["content"] = json::array({{{"type", "text"}, {"text", text}}});
  result["isError"] = !output.ok();
  if (output) result["structuredContent"] = std::move(output->structured);
  return result;
}

}  // namespace

MethodGroup tool_methods(const McpServices& services) {
  MethodGroup group;
  group.capabilities = {{"tools", {{"listChanged", false}}}};
  const std::vector<Tool>& tools = services.tools;
  group.methods = {
      {"tools/list", Method::Era::both, {}, [&](McpCall& call) { return list_tools(tools, call); }},
      {"tools/call", Method::Era::both, [&](const McpCall& call) { return runs(tools, call); },
       [&](McpCall& call) { return call_tool(tools, call); }},
  };
  return group;
}

}  // namespace callslip
