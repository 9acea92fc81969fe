#include <memory>

#include "plugin/page/mcp_app.h"
#include "plugin/toolset/arguments.h"
#include "plugin/toolset/result_json.h"
#include "plugin/toolset/schema.h"
#include "plugin/toolset/tool.h"
#include "tools/doc_search.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxLimit = 200;

Result<DocSearchRequest> parse(const json& given, std::size_t max_result_tokens) {
  Arguments arguments(given);
  DocSearchRequest request;
  request.query = arguments.required_string("query");
  request.keywords = arguments.strings("keywords");
  request.exact = arguments.strings("exact");
  request.documents = arguments.strings("documents");
  request.max_tokens =
      arguments.integer("max_tokens", std::min(default_max_tokens, max_result_tokens),
                        min_max_tokens, max_result_tokens);
  request.limit_given = arguments.has("limit");
  request.limit = arguments.integer("limit", 20, 1, kMaxLimit);
  request.detail = static_cast<DocSearchRequest::Detail>(
      arguments.choice("detail", {"full", "snippet", "ids"}, 0));
  request.whole = arguments.boolean("whole", true);
  request.expand = arguments.boolean("expand", false);
  request.cursor = arguments.string("cursor");
  if (Status s = arguments.finish(); !s) return s.error();
  request.notes = arguments.notes();
  return request;
}

json input_schema(std::size_t max_result_tokens) {
  json schema = json::parse(R"({
    "type": "object",
    "properties": {
      "query": {"type": "string", "description": "The information sought, in words; \"quoted\" parts must occur literally"},
      "keywords": {"type": "array", "items": {"type": "string"},
                   "description": "Further keywords and synonyms, in every language the documents may be in"},
      "exact": {"type": "array", "items": {"type": "string"}, "description": "Literals that every chunk must contain"},
      "limit": {"type": "integer", "description": "At most this many chunks, 1 to 200", "default": 20},
      "detail": {"type": "string", "enum": ["full", "snippet", "ids"], "default": "full"},
      "whole": {"type": "boolean", "description": "false: rank even when everything in scope fits", "default": true},
      "expand": {"type": "boolean", "default": false,
                 "description": "Take instructions about the answer out of the query, and let the reader model add keywords in the documents' languages"},
      "cursor": {"type": "string", "description": "next_cursor of an answer to the same arguments"}
    },
    "required": ["query"]
  })");
  schema["properties"]["documents"] = schema::documents_argument();
  schema["properties"]["max_tokens"] = schema::max_tokens_argument(max_result_tokens);
  return schema;
}

json output_schema() {
  json schema = json::parse(R"({
    "type": "object",
    "properties": {
      "total_tokens": {"type": "integer"}, "matches": {"type": "integer"},
      "mode": {"type": "string", "enum": ["whole", "ranked"]},
      "next_cursor": {"type": "string"}
    },
    "required": ["chunks", "total_tokens", "matches", "mode", "index"]
  })");
  schema["properties"]["chunks"] = {{"type", "array"}, {"items", schema::chunk()}};
  schema["properties"]["passages"] = schema::passages();
  schema["properties"]["index"] = schema::index();
  schema["properties"]["expanded"] = schema::expanded();
  schema["properties"]["relaxed"] = schema::relaxed();
  schema["properties"]["notes"] = {{"type", "array"}, {"items", {{"type", "string"}}}};
  return schema;
}

}  // namespace

Tool doc_search_tool(const ToolServices& services) {
  Tool tool;
  tool.name = "doc_search";
  tool.title = "Search documents";
  tool.description =
      "Searches the indexed documents and code (BM25) and returns the best chunks within "
      "max_tokens, each with its place. Give the information sought as query and add keywords and "
      "synonyms. If it does not find the answer, ask read_chunks.";
  tool.input_schema = input_schema(services.max_result_tokens);
  tool.output_schema = output_schema();
  tool.meta = mcp_app_tool_meta();
  tool.waits_with = [](const json& arguments) {
    const auto expand = arguments.is_object() ? arguments.find("expand") : arguments.end();
    return expand != arguments.end() && *expand == true;
  };
  tool.call =
      [search = std::make_shared<DocSearch>(services.library, services.reader, services.languages),
       most = services.max_result_tokens](const json& arguments,
                                          const CallContext& context) -> Result<ToolOutput> {
    const auto request = parse(arguments, most);
    if (!request) return request.error();
    auto result = search->search(*request, context);
    if (!result) return result.error();
    ToolOutput output{{}, to_json(*result), links_of(*result)};
    output.text = std::move(result->text);
    return output;
  };
  return tool;
}

}  // namespace callslip
