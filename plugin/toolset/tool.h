// Tool: the edge between JSON and the plain C++ of tools/: a name, schemas, and a call.
//
// Constant after construction; any number of threads may call.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "index/result.h"
#include "tools/call_context.h"
#include "tools/library.h"
#include "tools/library_languages.h"
#include "tools/reader.h"
#include "tools/verdict_cache.h"

namespace callslip {

class DocumentStore;
class UrlFetch;

/// What the tools work with. All outlive them.
struct ToolServices {
  Library& library;
  Reader& reader;
  LibraryLanguages& languages;
  VerdictCache* cache = nullptr;  // of what callers that read by themselves found
  std::size_t max_result_tokens = 10000;
  std::uint64_t reader_max_calls = 500;
  DocumentStore* documents = nullptr;  // null: none can be added
  const UrlFetch* fetch = nullptr;     // null: URLs are not fetched
  std::string profile = {};            // "connector": other tools, see tool_table.cpp
};

/// A document that a result speaks of and that clients can read as a resource.
struct ResourceLink {
  std::string uri;
  std::string name;
  std::string title;  // may be empty
};

inline constexpr std::size_t max_resource_links = 5;  // of one result: models are shown them

struct ToolOutput {
  std::string text;           // complete by itself
  nlohmann::json structured;  // conforms to the output schema
  std::vector<ResourceLink> links = {};
};

struct Tool {
  std::string name;
  std::string title;
  std::string description;
  nlohmann::json input_schema;
  nlohmann::json output_schema;
  nlohmann::json meta;      // _meta in tools/list; null: none
  bool writes = false;      // changes the index: only for callers that may write
  bool open_world = false;  // reaches beyond the index
  bool waits = false;       // for a model, perhaps: runs where it keeps no other call from running
  /// The same, where it depends on the arguments (which may be anything); may be empty.
  std::function<bool(const nlohmann::json& arguments)> waits_with;

  /// Whether a call may take so long that a client had better ask for its result later: such a
  /// call may become a task. Empty: never. It then keeps what it has found, see
  /// CallContext::keep_as, until it is told to forget it.
  std::function<bool(const nlohmann::json& arguments)> may_take_long = {};
  std::function<void(const std::string& kept_as)> forget = {};

  /// An Error is told to the model as a result with isError.
  std::function<Result<ToolOutput>(const nlohmann::json& arguments, const CallContext& context)>
      call;
};

/// All tools, in the order of tools/list.
std::vector<Tool> make_tools(const ToolServices& services);

}  // namespace callslip
