#include <memory>

#include "plugin/page/mcp_app.h"
#include "plugin/toolset/arguments.h"
#include "plugin/toolset/result_json.h"
#include "plugin/toolset/schema.h"
#include "plugin/toolset/tool.h"
#include "tools/read_chunks.h"
#include "tools/read_state.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxNeighbours = 100;
constexpr double kMaxDeadline = 3600;

Result<ReadChunksRequest> parse(const json& given, std::size_t max_result_tokens) {
  Arguments arguments(given);
  ReadChunksRequest request;
  request.question = arguments.string("question");
  request.chunk_ids = arguments.strings("chunk_ids");
  request.before = arguments.integer("before", 0, 0, kMaxNeighbours);
  request.after = arguments.integer("after", 0, 0, kMaxNeighbours);
  request.documents = arguments.strings("documents");
  request.effort =
      static_cast<Effort>(arguments.choice("effort", {"quick", "standard", "exhaustive"}, 1));
  request.answer = arguments.boolean("answer", false);
  request.expand = arguments.boolean("expand", false);
  request.dry_run = arguments.boolean("dry_run", false);
  request.by_caller = arguments.choice("reader", {"default", "caller"}, 0) == 1;
  request.max_tokens =
      arguments.integer("max_tokens", std::min(default_max_tokens, max_result_tokens),
                        min_max_tokens, max_result_tokens);
  request.deadline_s = arguments.number("deadline_s", 45, 0.1, kMaxDeadline);
  request.cursor = arguments.string("cursor");
  if (Status s = arguments.finish(); !s) return s.error();
  request.notes = arguments.notes();
  return request;
}

json input_schema(std::size_t max_result_tokens) {
  json schema = json::parse(R"({
    "type": "object",
    "properties": {
      "question": {"type": "string", "description": "Read every chunk in scope for this question"},
      "chunk_ids": {"type": "array", "items": {"type": "string"},
                    "description": "Without a question: return these chunks verbatim; with one: read only these"},
      "before": {"type": "integer", "description": "Neighbours to add before each of chunk_ids", "default": 0},
      "after": {"type": "integer", "description": "Neighbours to add after each of chunk_ids", "default": 0},
      "effort": {"type": "string", "enum": ["quick", "standard", "exhaustive"], "default": "standard",
                 "description": "quick: the 64 likeliest chunks; standard: goes on while it finds something; exhaustive: every chunk"},
      "answer": {"type": "boolean", "description": "Also write an answer from the evidence", "default": false},
      "expand": {"type": "boolean", "default": false,
                 "description": "Prepare the question first: part it from instructions, add keywords in the documents' languages"},
      "dry_run": {"type": "boolean", "description": "Say what reading would take, and read nothing", "default": false},
      "reader": {"type": "string", "enum": ["default", "caller"], "default": "default",
                 "description": "caller: you read; the chunks are handed to you, and submit_readings takes what you find"},
      "deadline_s": {"type": "number", "description": "Return what is known by then", "default": 45},
      "cursor": {"type": "string", "description": "next_cursor of an earlier answer, to go on"}
    },
    "required": []
  })");
  schema["properties"]["documents"] = schema::documents_argument();
  schema["properties"]["max_tokens"] = schema::max_tokens_argument(max_result_tokens);
  return schema;
}

/// Whether the reader reads for a question, or may: what a cursor goes on with is not known here.
bool reads(const json& arguments) {
  if (!arguments.is_object()) return false;
  const auto is = [&](const char* name, const json& value) {
    const auto found = arguments.find(name);
    return found != arguments.end() && *found == value;
  };
  const auto given = [&](const char* name) {
    const auto found = arguments.find(name);
    return found != arguments.end() && found->is_string() && *found != "";
  };
  return (given("question") || given("cursor")) && !is("dry_run", true) && !is("reader", "caller");
}

}  // namespace

Tool read_chunks_tool(const ToolServices& services) {
  Tool tool;
  tool.name = "read_chunks";
  tool.title = "Read chunks";
  tool.description =
      "With a question: reads the chunks in scope one by one and returns verbatim evidence, the "
      "best chunks and an account of what was read; finds what doc_search misses. With chunk_ids "
      "alone: returns those chunks verbatim, with neighbours. evidence_strength none or weak: do "
      "not rely on it.";
  tool.input_schema = input_schema(services.max_result_tokens);
  tool.output_schema = schema::reading();
  tool.meta = mcp_app_tool_meta();
  tool.waits = true;
  tool.may_take_long = reads;
  tool.forget = [&library = services.library](const std::string& kept_as) {
    ReadState::remove(library.index().directory(), kept_as);
  };
  ReadChunks::Options options;
  options.max_calls = services.reader_max_calls;
  options.cache = services.cache;
  options.languages = &services.languages;
  tool.call = [read = std::make_shared<ReadChunks>(services.library, services.reader, options),
               most = services.max_result_tokens](
                  const json& arguments, const CallContext& context) -> Result<ToolOutput> {
    auto request = parse(arguments, most);
    if (!request) return request.error();
    // Nobody waits for a read that is kept.
    const bool bounded = arguments.is_object() && arguments.contains("deadline_s");
    if (!context.keep_as.empty() && !bounded) request->deadline_s = kMaxDeadline;
    auto result = read->run(std::move(request).value(), context);
    if (!result) return result.error();
    ToolOutput output{{}, to_json(*result), links_of(*result)};
    output.text = std::move(result->text);
    return output;
  };
  return tool;
}

}  // namespace callslip
