// /documents/NAME: GET the text of a document, PUT one of any size, DELETE one that was handed
// over.

#include <nlohmann/json.hpp>

#include "index/hash.h"
#include "plugin/documents/document_store.h"
#include "plugin/http/byte_range.h"
#include "plugin/http/http_response.h"
#include "plugin/http/http_route.h"
#include "plugin/http/route_job.h"
#include "plugin/toolset/stored_json.h"
#include "tools/document_uri.h"
#include "tools/percent_encoding.h"

namespace callslip {
namespace {

constexpr const char* kPath = "/documents/";

HttpResponse put(const HttpServices& services, const HttpRequest& request,
                 const CallContext& context) {
  NewDocument document;
  document.name = rest_of_path(request, kPath);
  document.bytes = request.body;
  document.file = request.body_file;
  document.title = query_value(request.query, "title");
  document.media_type = request.header("content-type").value_or("");
  const auto added = services.documents.add(std::move(document), context);
  if (!added) return error_response_of(added.error());
  const auto output = describe_added(*added, services.library, context, {});
  if (!output) return error_response_of(output.error());
  HttpResponse response = json_response(added->replaced ? 200 : 201, output->structured);
  response.headers.emplace_back("Location", kPath + percent_encode_path(added->name));
  return response;
}

HttpResponse remove(const HttpServices& services, const HttpRequest& request,
                    const CallContext& context) {
  const auto removed = services.documents.remove_named(rest_of_path(request, kPath), context);
  if (!removed) return error_response_of(removed.error());
  const auto output = describe_removed(*removed, services.library, context, {});
  return output ? json_response(200, output->structured) : error_response_of(output.error());
}

/// Changes with the text.
std::string entity_tag(const DocumentRow& row) {
  const std::string all = std::to_string(row.id) + " " + std::to_string(row.mtime_ns) + " " +
                          std::to_string(row.text_bytes) + " " + std::to_string(row.source);
  return "\"" + hex64(hash64(all)) + "\"";
}

HttpResponse get(const HttpServices& services, const HttpRequest& request,
                 const CallContext& context) {
  const std::string name = rest_of_path(request, kPath);
  const auto view = services.library.view(context);
  if (!view) return error_response_of(view.error());
  const Snapshot& snapshot = *view->snapshot;
  auto document = find_document(snapshot, name);
  if (!document) document = find_document(snapshot, services.documents.full_name(name, context));
  if (!document) {
    return error_response(404, "no document is called \"" + name.substr(0, 200) +
                                   "\"; POST /tools/list_documents tells the names");
  }
  const DocumentRow& row = snapshot.document(*document);
  HttpResponse response;
  response.type = "text/plain; charset=utf-8";
  const std::string tag = entity_tag(row);
  response.headers = {{"ETag", tag},
                      {"Accept-Ranges", "bytes"},
                      {"Cache-Control", "private, no-cache"},
                      // A document is never a page of ours.
                      {"X-Content-Type-Options", "nosniff"},
                      {"Cross-Origin-Resource-Policy", "same-origin"},
                      {"Content-Security-Policy", "default-src 'none'; sandbox"}};
  if (request.header("if-none-match") == tag) {
    response.status = 304;
    response.type.clear();
    return response;
  }
  ByteRange range{0, row.text_bytes};
  const auto condition = request.header("if-range");
  if (!condition || *condition == tag) {
    const auto asked = parse_range(request.header("range").value_or(""), row.text_bytes);
    if (std::holds_alternative<bool>(asked)) {
      HttpResponse refused = error_response(
          416, "there are no such bytes; the text has " + std::to_string(row.text_bytes));
      refused.headers = {{"Content-Range", "bytes */" + std::to_string(row.text_bytes)}};
      return refused;
    }
    if (const auto* part = std::get_if<ByteRange>(&asked)) {
      range = *part;
      response.status = 206;
      response.headers.emplace_back("Content-Range", "bytes " + std::to_string(range.start) + "-" +
                                                         std::to_string(range.end - 1) + "/" +
                                                         std::to_string(row.text_bytes));
    }
  }
  auto text = snapshot.text(*document, range.start, range.end - range.start);
  if (!text) return error_response_of(text.error());
  response.body = std::move(text).value();
  return response;
}

using Handler = HttpResponse (*)(const HttpServices&, const HttpRequest&, const CallContext&);

HttpRoute route_of(const char* method, const HttpServices& services, WorkerPool& pool,
                   Handler handler) {
  HttpRoute route;
  route.method = method;
  route.path = kPath;
  route.handle = [services, &pool, handler](const std::shared_ptr<HttpExchange>& exchange) {
    answer_from(pool, exchange,
                [services, handler](const HttpRequest& request, const CallContext& context) {
                  return handler(services, request, context);
                });
  };
  return route;
}

}  // namespace

std::vector<HttpRoute> document_routes(const HttpServices& services) {
  HttpRoute putting = route_of("PUT", services, services.waiting, &put);
  putting.needs_write = true;
  putting.max_body = services.documents.max_bytes();
  putting.body_to_file = true;
  HttpRoute removing = route_of("DELETE", services, services.waiting, &remove);
  removing.needs_write = true;
  return {route_of("GET", services, services.pool, &get), putting, removing};
}

}  // namespace callslip
