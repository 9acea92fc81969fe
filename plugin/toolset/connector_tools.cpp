// The tools of --profile connector: search and fetch in the shapes of ChatGPT's connectors. The
// text of an answer is its JSON, as they read it.
#include <memory>

#include "plugin/toolset/arguments.h"
#include "plugin/toolset/tool.h"
#include "tools/connector.h"

namespace callslip {
namespace {

using nlohmann::json;

ToolOutput as_json_text(json structured) {
  std::string text = structured.dump(-1, ' ', false, json::error_handler_t::replace);
  return {std::move(text), std::move(structured), {}};
}

std::shared_ptr<Connector> make_connector(const ToolServices& services) {
  return std::make_shared<Connector>(services.library, services.reader, services.languages,
                                     services.max_result_tokens);
}

}  // namespace

Tool connector_search_tool(const ToolServices& services) {
  Tool tool;
  tool.name = "search";
  tool.title = "Search documents";
  tool.description =
      "Searches the indexed documents and code by keywords (BM25), best first. Give the "
      "information "
      "sought in words, with synonyms; a \"quoted\" part must occur literally. Each result is a "
      "document, or the part of a long one that holds the hit: fetch it by its id.";
  tool.input_schema = json::parse(R"({
    "type": "object",
    "properties": {"query": {"type": "string", "description": "The information sought, in words"}},
    "required": ["query"]
  })");
  tool.output_schema = json::parse(R"({
    "type": "object",
    "properties": {
      "results": {"type": "array", "items": {"type": "object",
        "properties": {"id": {"type": "string"}, "title": {"type": "string"}, "url": {"type": "string"}},
        "required": ["id", "title", "url"]}}
    },
    "required": ["results"]
  })");
  tool.call = [connector = make_connector(services)](
                  const json& given, const CallContext& context) -> Result<ToolOutput> {
    Arguments arguments(given);
    const std::string query = arguments.required_string("query");
    if (Status s = arguments.finish(); !s) return s.error();
    const auto hits = connector->search(query, context);
    if (!hits) return hits.error();
    json results = json::array();
    for (const ConnectorHit& hit : *hits) {
      results.push_back({{"id", hit.id}, {"title", hit.title}, {"url", hit.url}});
    }
    return as_json_text({{"results", std::move(results)}});
  };
  return tool;
}

Tool connector_fetch_tool(const ToolServices& services) {
  Tool tool;
  tool.name = "fetch";
  tool.title = "Fetch a document";
  tool.description =
      "Returns the text of a result of search. A long document comes in parts: its last line and "
      "its metadata name the ids of the part before and of the next.";
  tool.input_schema = json::parse(R"({
    "type": "object",
    "properties": {"id": {"type": "string", "description": "The id of a result"}},
    "required": ["id"]
  })");
  tool.output_schema = json::parse(R"({
    "type": "object",
    "properties": {
      "id": {"type": "string"}, "title": {"type": "string"}, "text": {"type": "string"},
      "url": {"type": "string"},
      "metadata": {"type": "object", "additionalProperties": {"type": "string"}}
    },
    "required": ["id", "title", "text", "url"]
  })");
  tool.call = [connector = make_connector(services)](
                  const json& given, const CallContext& context) -> Result<ToolOutput> {
    Arguments arguments(given);
    const std::string id = arguments.required_string("id");
    if (Status s = arguments.finish(); !s) return s.error();
    auto document = connector->fetch(id, context);
    if (!document) return document.error();
    json metadata = json::object();
    for (auto& [key, value] : document->metadata) metadata[key] = std::move(value);
    return as_json_text({{"id", std::move(document->id)},
                         {"title", std::move(document->title)},
                         {"text", std::move(document->text)},
                         {"url", std::move(document->url)},
                         {"metadata", std::move(metadata)}});
  };
  return tool;
}

}  // namespace callslip
