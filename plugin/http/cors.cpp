#include "plugin/http/cors.h"

#include <algorithm>
#include <cctype>

namespace callslip {
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

void allow_origin(const HttpRequest& request, HttpResponse& response) {
  response.headers.emplace_back("Vary", "Origin");
  const auto origin = request.header("origin");
  if (!origin) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", *origin);
  response.headers.emplace_back("Access-Control-Expose-Headers",
                                "Content-Range, ETag, Location, Retry-After");
}

HttpResponse preflight_response(const HttpRequest& request, std::string_view methods) {
  HttpResponse response;
  response.status = 204;
  response.type.clear();
  allow_origin(request, response);
  const auto add = [&](const char* name, std::string value) {
    response.headers.emplace_back(name, std::move(value));
  };
  add("Access-Control-Allow-Methods", std::string(methods));
  const std::string asked =
      header_names(request.header("access-control-request-headers").value_or(""));
  if (!asked.empty()) add("Access-Control-Allow-Headers", asked);
  // A page of the public web that may come here at all may come here at this address.
  if (request.header("access-control-request-private-network")) {
    add("Access-Control-Allow-Private-Network", "true");
  }
  add("Access-Control-Max-Age", "600");
  return response;
}

}  // namespace callslip
