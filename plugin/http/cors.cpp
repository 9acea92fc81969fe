#include "plugin/http/cors.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace callslip::port {
namespace {

constexpr std::size_t kMaxHeaderNames = 1024;

/// The names of headers that a page asks for; empty where they are none.
std::string header_names(std::string_view asked) {
  const bool names =
      asked.size() <= kMaxHeaderNames && std::all_of(asked.begin(), asked.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' ||
               c == ',' || c == ' ';
      });
  return names ? std::string(asked) : std::string();
}

}  // namespace

void allow_origin(std::string_view origin, HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == "Access-Control-Allow-Origin") return;
  }
  response.headers.emplace_back("Vary", "Origin");
  if (origin.empty()) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  response.headers.emplace_back(
      "Access-Control-Expose-Headers",
      "Content-Range, ETag, Location, Mcp-Session-Id, Retry-After, WWW-Authenticate");
}

bool is_preflight(const HttpHead& head) {
  return head.method == "OPTIONS" && !head.header("origin").empty() &&
         !head.header("access-control-request-method").empty();
}

HttpResponse preflight_response(const HttpHead& head, std::string_view methods) {
  HttpResponse response;
  response.status = 204;
  response.type.clear();
  const auto add = [&](const char* name, std::string value) {
    response.headers.emplace_back(name, std::move(value));
  };
  add("Access-Control-Allow-Methods", std::string(methods));
  const std::string asked = header_names(head.header("access-control-request-headers"));
  if (!asked.empty()) add("Access-Control-Allow-Headers", asked);
  // A page of the public web that may come here at all may come here at this address.
  if (!head.header("access-control-request-private-network").empty()) {
    add("Access-Control-Allow-Private-Network", "true");
  }
  add("Access-Control-Max-Age", "600");
  return response;
}

}  // namespace callslip::port
