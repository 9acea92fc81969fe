// The suite's resources.
#include <string>

#include "plugin/mcp/conformance/fixtures.h"
#include "plugin/mcp/conformance/overlay.h"
#include "plugin/mcp/subscriptions.h"

namespace callslip::conformance {
namespace {

using nlohmann::json;

constexpr std::string_view kTemplateStart = "test://template/";
constexpr std::string_view kTemplateEnd = "/data";

json resources() {
  return json::parse(R"([
    {"uri": "test://static-text", "name": "static-text", "description": "A text",
     "mimeType": "text/plain"},
    {"uri": "test://static-binary", "name": "static-binary", "description": "A picture",
     "mimeType": "image/png"},
    {"uri": "test://watched-resource", "name": "watched-resource", "description": "A text",
     "mimeType": "text/plain"}
  ])");
}

json templates() {
  return json::parse(R"([
    {"uriTemplate": "test://template/{id}/data", "name": "template", "description": "Any id",
     "mimeType": "application/json"}
  ])");
}

/// params.uri; empty: it is not one of the fixtures'.
std::string fixture_uri(const McpCall& call) {
  const json* uri = call.param("uri");
  if (uri == nullptr || !uri->is_string()) return {};
  const auto& text = uri->get_ref<const std::string&>();
  return text.starts_with("test://") ? text : std::string();
}

std::optional<json> contents_of(const std::string& uri) {
  if (uri == "test://static-text") {
    return json{{"mimeType", "text/plain"},
                {"text", "This is the content of the static text resource."}};
  }
  if (uri == "test://static-binary") return json{{"mimeType", "image/png"}, {"blob", kPng}};
  if (uri == "test://watched-resource") {
    return json{{"mimeType", "text/plain"}, {"text", "Nothing happens here."}};
  }
  const std::string_view view = uri;
  const std::size_t around = kTemplateStart.size() + kTemplateEnd.size();
  if (view.size() > around && view.starts_with(kTemplateStart) && view.ends_with(kTemplateEnd)) {
    const std::string id(view.substr(kTemplateStart.size(), view.size() - around));
    const json data{{"id", id}, {"templateTest", true}, {"data", "Data for ID: " + id}};
    return json{{"mimeType", "application/json"}, {"text", data.dump()}};
  }
  return std::nullopt;
}

RpcError not_found(const McpCall& call) {
  const json* uri = call.param("uri");
  return {rpc_error::invalid_params,
          "no such resource",
          uri == nullptr ? json() : json{{"uri", *uri}},
          {}};
}

std::optional<MethodAnswer> read(McpCall& call) {
  const std::string uri = fixture_uri(call);
  if (uri.empty()) return std::nullopt;
  auto contents = contents_of(uri);
  if (!contents) return not_found(call);
  (*contents)["uri"] = uri;
  json result{{"contents", json::array({std::move(*contents)})}};
  set_cacheable(result, call, 0, true);
  return result;
}

}  // namespace

void add_resources(std::vector<MethodGroup>& groups, const McpServices& services) {
  extend_list(groups, "resources/list", "resources", resources);
  extend_list(groups, "resources/templates/list", "resourceTemplates", templates);
  const auto otherwise = [](McpCall& call) { return not_found(call); };
  overlay(groups, "resources/read", read, otherwise);
  Subscriptions& subscriptions = *services.subscriptions;
  const auto subscribe = [&](McpCall& call) -> std::optional<MethodAnswer> {
    const std::string uri = fixture_uri(call);
    if (uri.empty()) return std::nullopt;
    if (!contents_of(uri)) return not_found(call);
    subscriptions.subscribe(call.session, uri);
    return json::object();
  };
  const auto unsubscribe = [&](McpCall& call) -> std::optional<MethodAnswer> {
    const std::string uri = fixture_uri(call);
    if (uri.empty()) return std::nullopt;
    subscriptions.unsubscribe(call.session, uri);
    return json::object();
  };
  overlay(groups, "resources/subscribe", subscribe, otherwise, Method::Era::legacy);
  overlay(groups, "resources/unsubscribe", unsubscribe, otherwise, Method::Era::legacy);
}

}  // namespace callslip::conformance
