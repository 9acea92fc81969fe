// subscriptions/listen, and what the legacy era has in its place: resources/subscribe.
#include "plugin/mcp/method.h"
#include "plugin/mcp/subscriptions.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxUris = 1000;  // of one request

RpcError invalid(std::string message) {
  return {rpc_error::invalid_params, std::move(message), {}, {}};
}

/// The part of what is wanted that there is; the acknowledgement says which.
std::variant<Subscriptions::Filter, RpcError> honoured(const Subscriptions& subscriptions,
                                                       const McpCall& call) {
  const json* wanted = call.param("notifications");
  if (wanted == nullptr || !wanted->is_object()) {
    return invalid("notifications: expected an object that says what to tell of");
  }
  const auto flag = [&](const char* name, bool offered) -> std::variant<bool, RpcError> {
    const auto found = wanted->find(name);
    if (found == wanted->end()) return false;
    if (!found->is_boolean()) return invalid(std::string(name) + ": expected true or false");
    return found->get<bool>() && offered;
  };
  Subscriptions::Filter filter;
  const Subscriptions::Filter& offered = subscriptions.offered();
  const auto tools = flag("toolsListChanged", offered.tools);
  const auto prompts = flag("promptsListChanged", offered.prompts);
  const auto resources = flag("resourcesListChanged", offered.resources);
  for (const auto* one : {&tools, &prompts, &resources}) {
    if (const auto* error = std::get_if<RpcError>(one)) return *error;
  }
  filter.tools = std::get<bool>(tools);
  filter.prompts = std::get<bool>(prompts);
  filter.resources = std::get<bool>(resources);
  const auto uris = wanted->find("resourceSubscriptions");
  if (uris == wanted->end()) return filter;
  if (!uris->is_array() || uris->size() > kMaxUris ||
      !std::all_of(uris->begin(), uris->end(), [](const json& uri) { return uri.is_string(); })) {
    return invalid("resourceSubscriptions: expected a list of at most " + std::to_string(kMaxUris) +
                   " URIs");
  }
  for (const json& uri : *uris) {
    const auto& text = uri.get_ref<const std::string&>();
    const ChangeFeed* feed = subscriptions.feed();
    if (feed != nullptr && feed->covers(text, call.session->principal())) filter.uris.insert(text);
  }
  return filter;
}

MethodAnswer listen(Subscriptions& subscriptions, const McpCall& call) {
  if (!call.outlet->streams()) {
    return invalid("the answer is a stream: accept text/event-stream");
  }
  auto filter = honoured(subscriptions, call);
  if (auto* error = std::get_if<RpcError>(&filter)) return std::move(*error);
  if (!subscriptions.listen(call, std::move(std::get<Subscriptions::Filter>(filter)))) {
    return RpcError{rpc_error::internal, "busy: too many subscriptions; end one", {}, {}};
  }
  return Deferred{};
}

MethodAnswer subscribe(Subscriptions& subscriptions, const McpCall& call) {
  const json* uri = call.param("uri");
  if (uri == nullptr || !uri->is_string()) return invalid("uri: expected a resource's URI");
  const auto& text = uri->get_ref<const std::string&>();
  if (!subscriptions.feed()->covers(text, call.session->principal())) {
    return RpcError{rpc_error::invalid_params,
                    "no such resource: \"" + text.substr(0, 200) + "\"",
                    {{"uri", text}},
                    {}};
  }
  if (!subscriptions.subscribe(call.session, text)) {
    return RpcError{rpc_error::internal, "too many subscriptions of this session; end one", {}, {}};
  }
  return json::object();
}

MethodAnswer unsubscribe(Subscriptions& subscriptions, const McpCall& call) {
  const json* uri = call.param("uri");
  if (uri == nullptr || !uri->is_string()) return invalid("uri: expected a resource's URI");
  subscriptions.unsubscribe(call.session, uri->get_ref<const std::string&>());
  return json::object();
}

}  // namespace

MethodGroup subscription_methods(const McpServices& services) {
  Subscriptions& subscriptions = *services.subscriptions;
  // Looking a resource up may read the disk; and what runs elsewhere can be cancelled.
  const auto on_worker = [](const McpCall&) { return Method::Runs::worker; };
  MethodGroup group;
  group.methods = {{"subscriptions/listen", Method::Era::modern, on_worker,
                    [&](McpCall& call) { return listen(subscriptions, call); }}};
  if (services.changes == nullptr) return group;
  group.capabilities = {{"resources", {{"subscribe", true}, {"listChanged", true}}}};
  group.methods.push_back({"resources/subscribe", Method::Era::legacy, on_worker,
                           [&](McpCall& call) { return subscribe(subscriptions, call); }});
  group.methods.push_back({"resources/unsubscribe", Method::Era::legacy, on_worker,
                           [&](McpCall& call) { return unsubscribe(subscriptions, call); }});
  return group;
}

}  // namespace callslip
