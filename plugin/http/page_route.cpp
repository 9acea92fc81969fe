// GET /: the page, its scripts and styles below /page/, and the snippets that it offers.
//
// The files hold nothing of the user's and are answered to everybody who is let near the port; what
// the page shows comes over /mcp, and the snippets, which name paths, stand outside of /page/: both
// ask for credentials.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <nlohmann/json.hpp>

#include "index/indexer.h"
#include "plugin/commands/settings.h"
#include "plugin/http/http_route.h"
#include "plugin/page/page_files.h"
#include "plugin/page/snippets.h"
#include "tools/library.h"

namespace callslip {
namespace {

constexpr std::string_view kFolder = "/page/";

/// The Host header where it is one: it becomes part of a header.
std::string plain_host(const HttpRequest& request) {
  const std::string_view host = request.header("host").value_or("");
  const bool plain = std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
  return plain ? std::string(host) : "";
}

/// Scripts and styles of our own only, and no connection but to this server. Browsers differ in
/// whether 'self' means WebSockets too.
std::string content_policy(const HttpRequest& request) {
  const std::string host = plain_host(request);
  const std::string sockets = host.empty() ? "" : " ws://" + host + " wss://" + host;
  return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
         "connect-src 'self'" +
         sockets + "; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
}

HttpHeaders headers_of(const HttpRequest& request, const std::string& etag) {
  return {{"Content-Security-Policy", content_policy(request)},
          {"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Opener-Policy", "same-origin"},
          {"Cross-Origin-Resource-Policy", "same-origin"},
          {"Cache-Control", "no-cache"},
          {"ETag", etag}};
}

/// Whether the browser has it. If-None-Match may list several, weak ones too.
bool has_already(const HttpRequest& request, const std::string& etag) {
  const std::string_view known = request.header("if-none-match").value_or("");
  return known == "*" || known.find(etag) != std::string_view::npos;
}

void serve(HttpExchange& exchange, const PageFile& file) {
  const HttpRequest& request = exchange.request();
  HttpResponse response;
  response.type = file.type;
  response.headers = headers_of(request, file.etag);
  if (has_already(request, file.etag)) {
    response.status = 304;
  } else {
    response.body = file.text;
  }
  exchange.respond(std::move(response));
}

void serve_named(const std::shared_ptr<HttpExchange>& exchange) {
  const std::string& path = exchange->request().path;
  const PageFile* file = find_page_file(std::string_view(path).substr(kFolder.size()));
  if (file != nullptr && file->name.find(".html") == std::string_view::npos) {
    serve(*exchange, *file);
    return;
  }
  exchange->respond({404,
                     "text/plain; charset=utf-8",
                     "no such file\n",
                     {{"X-Content-Type-Options", "nosniff"}}});
}

std::string own_path() {
  std::array<char, PATH_MAX> path{};
  const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  return n > 0 ? std::string(path.data(), static_cast<std::size_t>(n)) : "callslip";
}

std::string snippets_for(const HttpServices& services) {
  SnippetServer server;
  server.command = own_path();
  server.words = {"--index", services.library.index().directory()};
  for (const std::string& path : services.settings.operands) {
    if (const auto real = real_path(path); real) server.words.push_back(*real);
  }
  server.asks_for_token =
      !services.settings.token_files.empty() || !services.settings.oauth_issuer.empty();
  return snippets_of(server).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

HttpRoute get(std::string path, bool open,
              std::function<void(std::shared_ptr<HttpExchange>)> handle) {
  HttpRoute route;
  route.method = "GET";
  route.path = std::move(path);
  route.open = open;
  route.handle = std::move(handle);
  return route;
}

}  // namespace

std::vector<HttpRoute> page_routes(const HttpServices& services) {
  return {
      get("/", true,
          [](const std::shared_ptr<HttpExchange>& exchange) {
            serve(*exchange, *find_page_file("index.html"));
          }),
      get("/snippets.json", false,
          [text = snippets_for(services)](const std::shared_ptr<HttpExchange>& exchange) {
            exchange->respond({200,
                               "application/json",
                               text,
                               {{"Cache-Control", "no-store"},
                                {"X-Content-Type-Options", "nosniff"},
                                {"Cross-Origin-Resource-Policy", "same-origin"}}});
          }),
      get(std::string(kFolder), true, serve_named),
  };
}

}  // namespace callslip
