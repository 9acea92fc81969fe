#include "plugin/mcp/conformance/fixtures.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "plugin/mcp/conformance/overlay.h"

namespace callslip::conformance {
namespace {

using nlohmann::json;

using Tools = std::vector<FixtureTool>;

void append(Tools& tools, Tools more) {
  tools.insert(tools.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

}  // namespace

const char* const kPng =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
const char* const kWav = "UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA==";

json describe_tool(const std::string& name, const std::string& description) {
  return {{"name", name},
          {"description", description},
          {"inputSchema", {{"type", "object"}, {"properties", json::object()}}}};
}

json text_result(const std::string& text) {
  return {{"content", json::array({{{"type", "text"}, {"text", text}}})}};
}

void add_fixtures(std::vector<MethodGroup>& groups, const McpServices& services) {
  const auto tools = std::make_shared<Tools>();
  append(*tools, content_tools());
  append(*tools, telling_tools());
  append(*tools, asking_tools());
  append(*tools, input_tools());
  append(*tools, changing_tools(*services.subscriptions));
  if (services.tasks != nullptr) append(*tools, task_tools(*services.tasks));

  MethodGroup group;
  group.capabilities = {{"tools", {{"listChanged", true}}},
                        {"prompts", {{"listChanged", true}}},
                        {"resources", {{"subscribe", true}, {"listChanged", true}}},
                        {"completions", json::object()}};
  group.modern_capabilities = {{"logging", json::object()}};
  for (const FixtureTool& tool : *tools) {
    group.tool_schemas.emplace_back(tool.described.at("name"), tool.described.at("inputSchema"));
  }
  groups.push_back(std::move(group));

  extend_list(groups, "tools/list", "tools", [tools] {
    json list = json::array();
    for (const FixtureTool& tool : *tools) list.push_back(tool.described);
    return list;
  });
  const auto call_tool = [tools](McpCall& call) -> std::optional<MethodAnswer> {
    const json* name = call.param("name");
    const auto found = std::find_if(tools->begin(), tools->end(), [&](const FixtureTool& tool) {
      return name != nullptr && tool.described.at("name") == *name;
    });
    if (found == tools->end()) return std::nullopt;
    return found->call(call);
  };
  overlay(groups, "tools/call", call_tool, [](McpCall&) {
    return RpcError{rpc_error::invalid_params, "unknown tool", {}, {}};
  });
  add_prompts(groups);
  add_resources(groups, services);
}

}  // namespace callslip::conformance
