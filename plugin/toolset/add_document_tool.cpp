#include "plugin/documents/base64.h"
#include "plugin/documents/document_store.h"
#include "plugin/documents/url_fetch.h"
#include "plugin/toolset/arguments.h"
#include "plugin/toolset/stored_json.h"
#include "plugin/toolset/tool.h"

namespace callslip {
namespace {

using nlohmann::json;

struct Request {
  NewDocument document;
  std::string url;
  std::vector<std::string> notes;
};

Error invalid(const std::string& message) { return {ErrorKind::invalid_argument, message}; }

Result<Request> parse(const json& given, bool may_fetch) {
  Arguments arguments(given);
  Request request;
  request.document.name = arguments.string("name");
  request.document.title = arguments.string("title");
  request.document.bytes = arguments.string("text");
  const std::string base64 = arguments.string("base64");
  request.url = arguments.string("url");
  if (Status s = arguments.finish(); !s) return s.error();
  request.notes = arguments.notes();
  if (request.document.name.empty() && !arguments.has("url")) {
    return invalid("name: expected a string such as \"report.md\", it is missing");
  }
  const int sources = (arguments.has("text") ? 1 : 0) + (arguments.has("base64") ? 1 : 0) +
                      (arguments.has("url") ? 1 : 0);
  if (sources != 1) {
    return invalid(std::string(may_fetch ? "text, base64, url" : "text, base64") +
                   ": give exactly one of them, got " + std::to_string(sources));
  }
  if (arguments.has("url") && !may_fetch) {
    return invalid(
        "url: this server fetches nothing (it was started without --allow-fetch); "
        "send the document as text or base64");
  }
  if (arguments.has("base64")) {
    auto bytes = decode_base64(base64);
    if (!bytes) return invalid("base64: " + bytes.error().message);
    request.document.bytes = std::move(bytes).value();
  }
  return request;
}

json input_schema(bool may_fetch) {
  json schema = json::parse(R"({
    "type": "object",
    "properties": {
      "name": {"type": "string", "description": "What it will be called: report.md, or COLLECTION/folder/report.md; the extension tells the kind"},
      "text": {"type": "string", "description": "The document, if it is text"},
      "base64": {"type": "string", "description": "Else its bytes, in base64"},
      "title": {"type": "string", "description": "Instead of the one that it gives itself"}
    },
    "required": ["name"]
  })");
  if (may_fetch) {
    schema["properties"]["url"] = {
        {"type", "string"},
        {"description", "Or where it is on the public internet: http or https"}};
    schema["required"] = json::array();
  }
  return schema;
}

Result<ToolOutput> add(const ToolServices& services, Request request, const CallContext& context) {
  if (!request.url.empty() || request.document.name.empty()) {
    if (!context.may_write) {
      return invalid("documents cannot be added here: that takes a token with the scope \"write\"");
    }
    auto fetched = services.fetch->fetch(request.url, context);
    if (!fetched) return fetched.error();
    if (request.document.name.empty()) request.document.name = fetched->file_name;
    request.document.bytes = std::move(fetched->bytes);
    request.document.media_type = std::move(fetched->media_type);
    if (fetched->url != request.url) request.notes.push_back("fetched from " + fetched->url);
  }
  const std::string name = request.document.name;
  const auto added = services.documents->add(std::move(request.document), context);
  if (!added) {
    return added.error().kind == ErrorKind::unsupported
               ? Error{ErrorKind::unsupported, name + " was not added: " + added.error().message}
               : added.error();
  }
  return describe_added(*added, services.library, context, std::move(request.notes));
}

}  // namespace

Tool add_document_tool(const ToolServices& services) {
  const bool may_fetch = services.fetch != nullptr;
  Tool tool;
  tool.name = "add_document";
  tool.title = "Add a document";
  tool.description = std::string("Adds a document to the index, from its text") +
                     (may_fetch ? ", its bytes or a URL" : " or its bytes") +
                     ", so that it can be searched and read. One of the same name is replaced.";
  tool.input_schema = input_schema(may_fetch);
  tool.output_schema = added_schema();
  tool.writes = true;
  tool.open_world = may_fetch;
  tool.waits = true;  // for other writers, or for a server
  tool.call = [services, may_fetch](const json& arguments,
                                    const CallContext& context) -> Result<ToolOutput> {
    auto request = parse(arguments, may_fetch);
    if (!request) return request.error();
    return add(services, std::move(request).value(), context);
  };
  return tool;
}

}  // namespace callslip
