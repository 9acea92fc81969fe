#include "plugin/toolset/stored_json.h"

#include "index/formats/parser.h"
#include "plugin/toolset/result_json.h"
#include "plugin/toolset/schema.h"
#include "tools/text_block.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kNamed = 50;  // of the removed, in the text

std::string revision_line(const IndexInfo& index) {
  return "The index is at revision " + index.revision + ".\n";
}

std::string note_lines(const std::vector<std::string>& notes) {
  std::string text;
  for (const std::string& note : notes) text += "Note: " + note + ".\n";
  return text;
}

}  // namespace

ToolOutput describe_added(const AddedDocument& added, const IndexInfo& index,
                          std::vector<std::string> notes) {
  notes.insert(notes.end(), added.notes.begin(), added.notes.end());
  if (added.lossy) notes.emplace_back("some bytes could not be decoded and were replaced");
  std::string text = (added.replaced ? "Replaced " : "Added ") + on_its_line(added.name) + ": ";
  if (added.documents != 1) text += quantity(added.documents, "record") + ", ";
  text += quantity(added.chunks, "chunk") + ", " + quantity(added.tokens, "token") + ".\n";
  text += note_lines(notes);
  text += "It can be searched now; to search it alone, pass documents: " +
          json::array({added.name}).dump(-1, ' ', false, json::error_handler_t::replace) + ".\n";
  text += revision_line(index);
  json structured{{"document", added.name},     {"uri", added.uri},
                  {"title", added.title},       {"type", added.type},
                  {"replaced", added.replaced}, {"documents", added.documents},
                  {"chunks", added.chunks},     {"tokens", added.tokens},
                  {"lossy", added.lossy},       {"index", to_json(index)}};
  if (!notes.empty()) structured["notes"] = notes;
  ToolOutput output{std::move(text), std::move(structured), {}};
  // A collection is no resource; its records are.
  if (!is_collection(added.name)) output.links = {{added.uri, added.name, added.title}};
  return output;
}

ToolOutput describe_removed(const RemovedDocuments& removed, const IndexInfo& index,
                            const std::vector<std::string>& notes) {
  std::vector<std::string> all = notes;
  all.insert(all.end(), removed.notes.begin(), removed.notes.end());
  std::string text = "Removed " + quantity(removed.names.size(), "document") + ":\n";
  for (std::size_t i = 0; i < removed.names.size() && i < kNamed; ++i) {
    text += "  " + on_its_line(removed.names[i]) + "\n";
  }
  if (removed.names.size() > kNamed) {
    text += "  and " + std::to_string(removed.names.size() - kNamed) + " more\n";
  }
  text += note_lines(all) + revision_line(index);
  json structured{{"removed", removed.names}, {"index", to_json(index)}};
  if (!all.empty()) structured["notes"] = all;
  return {std::move(text), std::move(structured), {}};
}

Result<ToolOutput> describe_added(const AddedDocument& added, Library& library,
                                  const CallContext& context, std::vector<std::string> notes) {
  const auto view = library.view(context);
  if (!view) return view.error();
  return describe_added(added, view->info, std::move(notes));
}

Result<ToolOutput> describe_removed(const RemovedDocuments& removed, Library& library,
                                    const CallContext& context,
                                    const std::vector<std::string>& notes) {
  const auto view = library.view(context);
  if (!view) return view.error();
  return describe_removed(removed, view->info, notes);
}

json added_schema() {
  json schema = json::parse(R"({
    "type": "object",
    "properties": {
      "document": {"type": "string", "description": "Its name: pass it as documents to search it alone"},
      "uri": {"type": "string"}, "title": {"type": "string"}, "type": {"type": "string"},
      "replaced": {"type": "boolean"},
      "documents": {"type": "integer", "description": "More than 1: the records of a collection"},
      "chunks": {"type": "integer"}, "tokens": {"type": "integer"}, "lossy": {"type": "boolean"}
    },
    "required": ["document", "uri", "replaced", "documents", "chunks", "tokens", "lossy", "index"]
  })");
  schema["properties"]["index"] = schema::index();
  schema["properties"]["notes"] = {{"type", "array"}, {"items", {{"type", "string"}}}};
  return schema;
}

json removed_schema() {
  json schema = json::parse(R"({
    "type": "object",
    "properties": {"removed": {"type": "array", "items": {"type": "string"}}},
    "required": ["removed", "index"]
  })");
  schema["properties"]["index"] = schema::index();
  schema["properties"]["notes"] = {{"type", "array"}, {"items", {{"type", "string"}}}};
  return schema;
}

}  // namespace callslip
