// tasks/get, tasks/update and tasks/cancel.
#include "plugin/mcp/method.h"
#include "plugin/mcp/tool_task.h"

namespace callslip {
namespace {

using nlohmann::json;

RpcError invalid(const std::string& why) { return {rpc_error::invalid_params, why, {}, {}}; }

using Answer = std::function<MethodAnswer(const McpCall& call, const std::string& id)>;

/// What all three check first.
std::function<MethodAnswer(McpCall&)> checked(Answer answer) {
  return [answer = std::move(answer)](McpCall& call) -> MethodAnswer {
    if (!knows_tasks(call)) return tasks_missing();
    const json* id = call.param("taskId");
    if (id == nullptr || !id->is_string()) return invalid("taskId: expected the id of a task");
    return answer(call, id->get<std::string>());
  };
}

RpcError unknown_task() {
  return invalid("taskId: there is no such task; it may have expired: call the tool again");
}

MethodAnswer get_task(TaskService& tasks, const McpCall& call, const std::string& id) {
  const auto task = tasks.find(id, call.session->principal());
  if (!task) return unknown_task();
  return task->described(true);
}

MethodAnswer update_task(TaskService& tasks, const McpCall& call, const std::string& id) {
  const json* responses = call.param("inputResponses");
  if (responses == nullptr || !responses->is_object()) {
    return invalid("inputResponses: expected an object, a response for each key of inputRequests");
  }
  if (!tasks.answer(id, call.session->principal(), *responses)) return unknown_task();
  return json::object();
}

MethodAnswer cancel_task(TaskService& tasks, const McpCall& call, const std::string& id) {
  if (!tasks.cancel(id, call.session->principal())) return unknown_task();
  return json::object();
}

}  // namespace

MethodGroup task_methods(const McpServices& services) {
  MethodGroup group;
  if (services.tasks == nullptr) return group;
  TaskService& tasks = *services.tasks;
  group.modern_capabilities = {{"extensions", {{kTasksExtension, json::object()}}}};
  const auto worker = [](const McpCall&) { return Method::Runs::worker; };
  const auto add = [&](const char* name, auto answer) {
    group.methods.push_back({name, Method::Era::modern, worker,
                             checked([&tasks, answer](const McpCall& call, const std::string& id) {
                               return answer(tasks, call, id);
                             })});
  };
  add("tasks/get", get_task);
  add("tasks/update", update_task);
  add("tasks/cancel", cancel_task);
  return group;
}

}  // namespace callslip
