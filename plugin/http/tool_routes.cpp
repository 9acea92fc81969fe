// POST /tools/NAME: a tool as plain HTTP. The body is its arguments; the answer is its structured
// result, which is complete, or with "Accept: text/plain" the text that models read over MCP.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugin/http/http_response.h"
#include "plugin/http/http_route.h"
#include "plugin/http/route_job.h"
#include "plugin/mcp/json_rpc.h"
#include "plugin/toolset/tool.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr const char* kPath = "/tools/";

bool wants_text(const HttpRequest& request) {
  const std::string_view accept = request.header("accept").value_or("");
  return accept.find("text/plain") != accept.npos && accept.find("json") == accept.npos;
}

std::variant<json, HttpResponse> arguments_of(const HttpRequest& request) {
  if (request.body.empty()) return json::object();
  if (nested_too_deep(request.body)) return error_response(400, "the body is nested too deep");
  json arguments = json::parse(request.body, nullptr, false);
  if (arguments.is_discarded()) return error_response(400, "the body is not valid JSON");
  if (!arguments.is_object()) {
    return error_response(400, "the body must be a JSON object: the arguments of the tool");
  }
  return arguments;
}

HttpResponse call(const Tool& tool, const json& arguments, const HttpRequest& request,
                  const CallContext& context) {
  auto output = tool.call(arguments, context);
  // An index that is not there: not the path's fault.
  if (!output && output.error().kind == ErrorKind::not_found) {
    return error_response(503, output.error().message);
  }
  if (!output) return error_response_of(output.error());
  if (!wants_text(request)) return json_response(200, output->structured);
  return {200, "text/plain; charset=utf-8", std::move(output->text), {}};
}

void handle(const HttpServices& services, const std::shared_ptr<HttpExchange>& exchange) {
  const HttpRequest& request = exchange->request();
  const std::string name = rest_of_path(request, kPath);
  const auto tool = std::find_if(services.tools.begin(), services.tools.end(),
                                 [&](const Tool& t) { return t.name == name; });
  if (tool == services.tools.end()) {
    return answer_now(exchange, error_response(404, "no tool is called \"" + name.substr(0, 80) +
                                                        "\"; see /openapi.json"));
  }
  if (tool->writes && !request.principal.may_write) {
    return answer_now(exchange,
                      error_response(403, tool->name + " changes documents: that takes a token "
                                                       "with the scope \"write\""));
  }
  auto arguments = arguments_of(request);
  if (auto* refused = std::get_if<HttpResponse>(&arguments)) {
    return answer_now(exchange, std::move(*refused));
  }
  const json& given = std::get<json>(arguments);
  const bool waits = tool->waits || (tool->waits_with && tool->waits_with(given));
  answer_from(waits ? services.waiting : services.pool, exchange,
              [tool = &*tool, given](const HttpRequest& asked, const CallContext& context) {
                return call(*tool, given, asked, context);
              });
}

}  // namespace

std::vector<HttpRoute> tool_routes(const HttpServices& services) {
  HttpRoute post;
  post.method = "POST";
  post.path = kPath;
  post.handle = [services](const std::shared_ptr<HttpExchange>& exchange) {
    handle(services, exchange);
  };
  return {post};
}

}  // namespace callslip
