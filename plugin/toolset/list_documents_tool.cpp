#include <memory>

#include "plugin/toolset/arguments.h"
#include "plugin/toolset/result_json.h"
#include "plugin/toolset/schema.h"
#include "plugin/toolset/tool.h"
#include "tools/list_documents.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxLimit = 1000;

Result<ListDocumentsRequest> parse(const json& given, std::size_t max_result_tokens) {
  Arguments arguments(given);
  ListDocumentsRequest request;
  request.documents = arguments.strings("documents");
  request.limit = arguments.integer("limit", 100, 1, kMaxLimit);
  request.max_tokens =
      arguments.integer("max_tokens", std::min(default_max_tokens, max_result_tokens),
                        min_max_tokens, max_result_tokens);
  request.cursor = arguments.string("cursor");
  if (Status s = arguments.finish(); !s) return s.error();
  request.notes = arguments.notes();
  return request;
}

json input_schema(std::size_t max_result_tokens) {
  json schema = json::parse(R"({
    "type": "object",
    "properties": {
      "limit": {"type": "integer", "description": "More documents than this are rolled up by folder", "default": 100},
      "cursor": {"type": "string", "description": "next_cursor of an answer to the same arguments"}
    },
    "required": []
  })");
  schema["properties"]["documents"] = schema::documents_argument();
  schema["properties"]["max_tokens"] = schema::max_tokens_argument(max_result_tokens);
  return schema;
}

json output_schema() {
  json schema = json::parse(R"({
    "type": "object",
    "properties": {
      "documents": {"type": "array", "items": {"type": "object",
        "properties": {
          "document": {"type": "string"}, "uri": {"type": "string"}, "title": {"type": "string"},
          "type": {"type": "string"}, "bytes": {"type": "integer"}, "tokens": {"type": "integer"},
          "chunks": {"type": "integer"}, "modified": {"type": "string"}, "lossy": {"type": "boolean"},
          "language": {"type": "string"},
          "ranked_down": {"type": "array", "items": {"type": "string"}}},
        "required": ["document", "uri", "type", "bytes", "tokens", "chunks"]}},
      "folders": {"type": "array", "items": {"type": "object",
        "properties": {"folder": {"type": "string"}, "documents": {"type": "integer"},
                       "tokens": {"type": "integer"}},
        "required": ["folder", "documents", "tokens"]}},
      "outline": {"type": "array", "items": {"type": "object",
        "properties": {"heading": {"type": "string"}, "level": {"type": "integer"},
                       "chunk_id": {"type": "string"}}}},
      "matches": {"type": "integer"}, "total_tokens": {"type": "integer"},
      "next_cursor": {"type": "string"}
    },
    "required": ["documents", "folders", "index"]
  })");
  schema["properties"]["index"] = schema::index();
  schema["properties"]["notes"] = {{"type", "array"}, {"items", {{"type", "string"}}}};
  return schema;
}

}  // namespace

Tool list_documents_tool(const ToolServices& services) {
  Tool tool;
  tool.name = "list_documents";
  tool.title = "List documents";
  tool.description =
      "Lists the indexed documents, or folders with counts where there are many; for one document "
      "its outline with chunk ids.";
  tool.input_schema = input_schema(services.max_result_tokens);
  tool.output_schema = output_schema();
  tool.call = [list = std::make_shared<ListDocuments>(services.library),
               most = services.max_result_tokens](
                  const json& arguments, const CallContext& context) -> Result<ToolOutput> {
    const auto request = parse(arguments, most);
    if (!request) return request.error();
    auto result = list->list(*request, context);
    if (!result) return result.error();
    ToolOutput output{{}, to_json(*result), links_of(*result)};
    output.text = std::move(result->text);
    return output;
  };
  return tool;
}

}  // namespace callslip
