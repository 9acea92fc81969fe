#include <memory>

#include "plugin/page/mcp_app.h"
#include "plugin/toolset/arguments.h"
#include "plugin/toolset/result_json.h"
#include "plugin/toolset/schema.h"
#include "plugin/toolset/tool.h"
#include "tools/read_chunks.h"

namespace callslip {
namespace {

using nlohmann::json;

Result<SubmitReadingsRequest> parse(const json& given, std::size_t max_result_tokens) {
  Arguments arguments(given);
  SubmitReadingsRequest request;
  request.cursor = arguments.required_string("cursor");
  for (const json& item : arguments.objects("readings")) {
    Arguments reading(item);
    request.readings.push_back({reading.required_string("chunk_id"), reading.strings("sentences")});
    if (Status s = reading.finish(); !s) return s.error().within("readings");
    const std::vector<std::string> notes = reading.notes();
    // What was found must not pass for nothing because its name was misspelt.
    if (!notes.empty() && !reading.has("sentences")) {
      return Error{ErrorKind::invalid_argument,
                   "readings: " + notes[0] +
                       "; put what you found into \"sentences\", an array of "
                       "strings (an empty one: none)"};
    }
    request.notes.insert(request.notes.end(), notes.begin(), notes.end());
  }
  request.finish = arguments.boolean("finish", false);
  request.max_tokens =
      arguments.integer("max_tokens", std::min(default_max_tokens, max_result_tokens),
                        min_max_tokens, max_result_tokens);
  if (Status s = arguments.finish(); !s) return s.error();
  if (!arguments.has("readings") && !request.finish) {
    return Error{
        ErrorKind::invalid_argument,
        "readings: expected an array of objects, one for each chunk that you read; or give "
        "finish: true"};
  }
  if (request.cursor.empty()) {
    return Error{ErrorKind::invalid_argument,
                 "cursor: expected the next_cursor of read_chunks with reader: \"caller\""};
  }
  const std::vector<std::string> notes = arguments.notes();
  request.notes.insert(request.notes.end(), notes.begin(), notes.end());
  return request;
}

json input_schema(std::size_t max_result_tokens) {
  json schema = json::parse(R"({
    "type": "object",
    "properties": {
      "cursor": {"type": "string", "description": "next_cursor of the answer that handed you the chunks"},
      "readings": {"type": "array", "description": "One for each chunk that you read; what is missing is handed to you again",
        "items": {"type": "object",
          "properties": {
            "chunk_id": {"type": "string"},
            "sentences": {"type": "array", "items": {"type": "string"},
                          "description": "Sentences that help, copied exactly from the chunk; empty: none does"}},
          "required": ["chunk_id"]}},
      "finish": {"type": "boolean", "description": "Read no more chunks: return what was found", "default": false}
    },
    "required": ["cursor"]
  })");
  schema["properties"]["max_tokens"] = schema::max_tokens_argument(max_result_tokens);
  return schema;
}

}  // namespace

Tool submit_readings_tool(const ToolServices& services) {
  Tool tool;
  tool.name = "submit_readings";
  tool.title = "Submit readings";
  tool.description =
      "Takes what you found in the chunks that read_chunks (reader: \"caller\") handed you, and "
      "hands you the next ones; when all are read, returns the evidence and the best chunks, as "
      "read_chunks does.";
  tool.input_schema = input_schema(services.max_result_tokens);
  tool.output_schema = schema::reading();
  tool.meta = mcp_app_tool_meta();
  ReadChunks::Options options;
  options.cache = services.cache;
  tool.call = [read = std::make_shared<ReadChunks>(services.library, services.reader, options),
               most = services.max_result_tokens](
                  const json& arguments, const CallContext& context) -> Result<ToolOutput> {
    const auto request = parse(arguments, most);
    if (!request) return request.error();
    auto result = read->submit(*request, context);
    if (!result) return result.error();
    ToolOutput output{{}, to_json(*result), links_of(*result)};
    output.text = std::move(result->text);
    return output;
  };
  return tool;
}

}  // namespace callslip
