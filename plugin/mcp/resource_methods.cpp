// resources/list, resources/templates/list and resources/read: each document is a resource.
#include <algorithm>

#include "plugin/mcp/list_cursor.h"
#include "plugin/mcp/media_type.h"
#include "plugin/mcp/method.h"
#include "plugin/mcp/protocol_names.h"
#include "plugin/utc_time.h"
#include "tools/document_uri.h"
#include "tools/found_chunk.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr const char* kList = "resources";
constexpr std::size_t kMaxTextBytes = 4U << 20;  // of one resource; clients hold it all in memory
constexpr int kNotFoundBefore2026 = -32002;
/// Documents change when they do, and a commit is seen at once: nothing need be kept for long.
constexpr int kDocumentTtlMs = 5'000;

RpcError unknown_resource(const McpCall& call, const std::string& uri, const std::string& why) {
  return {call.modern ? rpc_error::invalid_params : kNotFoundBefore2026,
          "unknown resource: " + why + "; resources/list and list_documents name what there is",
          {{"uri", uri}},
          {}};
}

RpcError failure(const Error& error) { return {rpc_error::internal, error.message, {}, {}}; }

json describe(const Snapshot& snapshot, DocumentNumber document) {
  const DocumentRow& row = snapshot.document(document);
  json described{
      {"uri", document_uri(snapshot, document)},
      {"name", snapshot.name(document)},
      {"mimeType", media_type(snapshot, document)},
      {"size", row.text_bytes},
      {"annotations", {{"lastModified", utc_time(row.mtime_ns / 1'000'000'000)}}},
  };
  if (const auto title = snapshot.string(document, row.title); !title.empty()) {
    described["title"] = title;
  }
  return described;
}

MethodAnswer list_resources(const McpServices& services, const McpCall& call) {
  const auto position = list_position(kList, call);
  if (const auto* error = std::get_if<RpcError>(&position)) return *error;
  const auto& after = std::get<std::optional<std::string>>(position);
  json list = json::array();
  if (!after) {
    for (const FixedResource& resource : services.resources) {
      if (resource.listed && resource.described.contains("uri")) {
        list.push_back(resource.described);
      }
    }
  }
  json result = json::object();
  if (services.library != nullptr) {
    const auto view = services.library->view(call.context);
    if (!view) return failure(view.error());
    const Snapshot& snapshot = *view->snapshot;
    const auto& documents = snapshot.documents_by_name();
    auto at = documents.begin();
    if (after) {
      at = std::upper_bound(documents.begin(), documents.end(), *after,
                            [&](const std::string& key, DocumentNumber document) {
                              return key < snapshot.name(document);
                            });
    }
    const auto left = static_cast<std::size_t>(documents.end() - at);
    const auto end = at + static_cast<std::ptrdiff_t>(std::min(left, list_page_size));
    for (; at != end; ++at) list.push_back(describe(snapshot, *at));
    if (end != documents.end()) {
      result["nextCursor"] = list_cursor(kList, snapshot.name(*std::prev(end)));
    }
  }
  result["resources"] = std::move(list);
  set_cacheable(result, call, kDocumentTtlMs, false);
  return result;
}

json document_templates() {
  return json::array({
      {{"uriTemplate", std::string(chunk_uri_prefix) + "{chunk_id}"},
       {"name", "chunk"},
       {"title", "A chunk of a document"},
       {"description", "The text of one chunk, by the chunk_id that the tools return"}},
      {{"uriTemplate", std::string(document_uri_prefix) + "{name}"},
       {"name", "document"},
       {"title", "A document"},
       {"description", "The text of a document, by its name"}},
      {{"uriTemplate", std::string(section_uri_prefix) + "{name}/{heading}"},
       {"name", "section"},
       {"title", "A section of a document"},
       {"description", "The text below a heading of a document, sections inside it included"}},
  });
}

MethodAnswer list_templates(const McpServices& services, const McpCall& call) {
  // They all fit a page.
  const auto position = list_position("templates", call);
  if (const auto* error = std::get_if<RpcError>(&position)) return *error;
  json list = services.library != nullptr ? document_templates() : json::array();
  for (const FixedResource& resource : services.resources) {
    if (resource.listed && resource.described.contains("uriTemplate")) {
      list.push_back(resource.described);
    }
  }
  json result{{"resourceTemplates", std::move(list)}};
  set_cacheable(result, call, mcp::kListTtlMs, true);
  return result;
}

/// What to do in place of reading it all at once.
RpcError too_large(const Snapshot& snapshot, const UriTarget& target, const std::string& uri,
                   std::uint64_t bytes) {
  const DocumentRow& row = snapshot.document(target.document);
  const std::string first = chunk_id_text({row.id, 0});
  const std::string last = chunk_id_text({row.id, row.chunks - 1});
  return {rpc_error::invalid_params,
          "too large to read at once: " + std::to_string(bytes) +
              " bytes of text, and the bound is " + std::to_string(kMaxTextBytes) +
              "; read chunks (" + std::string(chunk_uri_prefix) + first + " to " +
              std::string(chunk_uri_prefix) + last + "), or ask read_chunks a question about \"" +
              std::string(snapshot.name(target.document)) + "\"",
          {{"uri", uri},
           {"size", bytes},
           {"maxSize", kMaxTextBytes},
           {"firstChunk", std::string(chunk_uri_prefix) + first},
           {"lastChunk", std::string(chunk_uri_prefix) + last}},
          {}};
}

ByteSpan span_of(const Snapshot& snapshot, const UriTarget& target) {
  if (target.kind == UriTarget::Kind::section) return target.section;
  if (target.kind == UriTarget::Kind::document) {
    return {0, snapshot.document(target.document).text_bytes};
  }
  const ChunkRow& row = snapshot.chunk(target.chunk);
  return {row.byte_start, row.byte_start + row.bytes};
}

MethodAnswer read_document(const Snapshot& snapshot, const McpCall& call, const std::string& uri) {
  const auto target = resolve_uri(snapshot, uri);
  if (!target) return unknown_resource(call, uri, target.error().message);
  const ByteSpan span = span_of(snapshot, *target);
  const std::size_t bytes = span.end - span.start;
  if (bytes > kMaxTextBytes) return too_large(snapshot, *target, uri, bytes);
  auto text = snapshot.text(target->document, span.start, bytes);
  if (!text) return failure(text.error());
  json contents{{"uri", uri}, {"mimeType", media_type(snapshot, target->document)}};
  contents["text"] = std::move(text).value();
  json result;
  result["contents"].push_back(std::move(contents));
  set_cacheable(result, call, kDocumentTtlMs, false);
  return result;
}

MethodAnswer read_resource(const McpServices& services, const McpCall& call) {
  const json* given = call.param("uri");
  if (given == nullptr || !given->is_string()) {
    return RpcError{rpc_error::invalid_params, "uri: expected the URI of a resource", {}, {}};
  }
  const auto uri = given->get<std::string>();
  for (const FixedResource& resource : services.resources) {
    const auto own = resource.described.find("uri");
    if (own != resource.described.end() && *own != uri) continue;
    auto contents = resource.read(uri);
    if (!contents) continue;
    contents->emplace("uri", uri);
    json result;
    result["contents"].push_back(std::move(*contents));
    set_cacheable(result, call, mcp::kListTtlMs, false);
    return result;
  }
  if (services.library == nullptr) return unknown_resource(call, uri, "there are no documents");
  const auto view = services.library->view(call.context);
  if (!view) return failure(view.error());
  return read_document(*view->snapshot, call, uri);
}

}  // namespace

MethodGroup resource_methods(const McpServices& services) {
  MethodGroup group;
  group.capabilities = {{"resources", json::object()}};
  const auto worker = [](const McpCall&) { return Method::Runs::worker; };
  group.methods = {
      {"resources/list", Method::Era::both, worker,
       [services](McpCall& call) { return list_resources(services, call); }},
      {"resources/templates/list",
       Method::Era::both,
       {},
       [services](McpCall& call) { return list_templates(services, call); }},
      {"resources/read", Method::Era::both, worker,
       [services](McpCall& call) { return read_resource(services, call); }},
  };
  return group;
}

}  // namespace callslip
