#include "plugin/mcp/tool_result.h"

#include <utility>

namespace callslip {

using nlohmann::json;

json tool_result(Result<ToolOutput> output, bool links) {
  json text{{"type", "text"}};
  text["text"] = output ? std::move(output->text) : output.error().message;
  json result{{"content", json::array()}, {"isError", !output.ok()}};
  json& content = result["content"];
  content.push_back(std::move(text));
  if (!output) return result;
  for (const ResourceLink& link : output->links) {
    if (!links) break;
    json item{{"type", "resource_link"}, {"uri", link.uri}, {"name", link.name}};
    if (!link.title.empty()) item["title"] = link.title;
    content.push_back(std::move(item));
  }
  result["structuredContent"] = std::move(output->structured);
  return result;
}

}  // namespace callslip
