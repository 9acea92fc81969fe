#include "plugin/documents/document_store.h"
#include "plugin/toolset/arguments.h"
#include "plugin/toolset/stored_json.h"
#include "plugin/toolset/tool.h"

namespace callslip {
namespace {

using nlohmann::json;

json input_schema() {
  return json::parse(R"({
    "type": "object",
    "properties": {
      "documents": {"type": "array", "items": {"type": "string"},
        "description": "Names, folders (attachments/old/) or globs; a leading ! excludes. Only documents that were handed over"}
    },
    "required": ["documents"]
  })");
}

}  // namespace

Tool remove_document_tool(const ToolServices& services) {
  Tool tool;
  tool.name = "remove_document";
  tool.title = "Remove documents";
  tool.description =
      "Removes documents that were handed over with add_document, for good. Files of indexed "
      "folders "
      "are never touched.";
  tool.input_schema = input_schema();
  tool.output_schema = removed_schema();
  tool.writes = true;
  tool.waits = true;  // for other writers
  tool.call = [services](const json& given, const CallContext& context) -> Result<ToolOutput> {
    Arguments arguments(given);
    const std::vector<std::string> patterns = arguments.strings("documents");
    if (Status s = arguments.finish(); !s) return s.error();
    const auto removed = services.documents->remove(patterns, context);
    if (!removed) return removed.error();
    return describe_removed(*removed, services.library, context, arguments.notes());
  };
  return tool;
}

}  // namespace callslip
