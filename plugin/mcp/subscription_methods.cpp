// subscriptions/listen, and what the legacy era has in its place: resources/subscribe.
#include "plugin/mcp/method.h"
#include "plugin/mcp/subscriptions.h"
#include "plugin/mcp/tool_task.h"

namespace callslip {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxUris = 1000;  // of one request
constexpr std::size_t kMaxTasks = 100;

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

/// The tasks of the caller among those that are wanted, as they are now.
std::variant<std::vector<Task>, RpcError> wanted_tasks(TaskService* tasks, const McpCall& call) {
  const json* ids = call.param("notifications");
  ids = ids != nullptr && ids->contains("taskIds") ? &ids->at("taskIds") : nullptr;
  std::vector<Task> found;
  if (ids == nullptr || tasks == nullptr) return found;
  if (!knows_tasks(call)) return tasks_missing();
  if (!ids->is_array() || ids->size() > kMaxTasks ||
      !std::all_of(ids->begin(), ids->end(), [](const json& id) { return id.is_string(); })) {
    return invalid("taskIds: expected a list of at most " + std::to_string(kMaxTasks) + " ids");
  }
  for (const json& id : *ids) {
    auto task = tasks->find(id.get<std::string>(), call.session->principal());
    if (task) found.push_back(std::move(*task));
  }
  return found;
}

MethodAnswer listen(Subscriptions& subscriptions, TaskService* tasks, const McpCall& call) {
  if (!call.outlet->streams()) {
    return invalid("the answer is a stream: accept text/event-stream");
  }
  auto honoured_filter = honoured(subscriptions, call);
  if (auto* error = std::get_if<RpcError>(&honoured_filter)) return std::move(*error);
  auto& filter = std::get<Subscriptions::Filter>(honoured_filter);
  const auto wanted = wanted_tasks(tasks, call);
  if (const auto* error = std::get_if<RpcError>(&wanted)) return *error;
  for (const Task& task : std::get<std::vector<Task>>(wanted)) filter.tasks.insert(task.id);
  const std::set<std::string> ids = filter.tasks;
  if (!subscriptions.listen(call, std::move(filter))) {
    return RpcError{rpc_error::internal, "busy: too many subscriptions; end one", {}, {}};
  }
  // What became of them before the subscription is not told again.
  for (const std::string& id : ids) {
    if (const auto task = tasks->find(id, call.session->principal())) {
      subscriptions.task_changed(*task);
    }
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
                    [&subscriptions, tasks = services.tasks](McpCall& call) {
                      return listen(subscriptions, tasks, call);
                    }}};
  if (services.changes == nullptr) return group;
  group.capabilities = {{"resources", {{"subscribe", true}, {"listChanged", true}}}};
  group.methods.push_back({"resources/subscribe", Method::Era::legacy, on_worker,
                           [&](McpCall& call) { return subscribe(subscriptions, call); }});
  group.methods.push_back({"resources/unsubscribe", Method::Era::legacy, on_worker,
                           [&](McpCall& call) { return unsubscribe(subscriptions, call); }});
  return group;
}

}  // namespace callslip
