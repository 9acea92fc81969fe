#include "plugin/mcp/tool_task.h"

#include <algorithm>

#include "plugin/mcp/tool_result.h"

namespace callslip {

using nlohmann::json;

bool knows_tasks(const McpCall& call) {
  if (!call.modern) return false;
  const json capabilities = call.client_capabilities();
  const auto extensions = capabilities.find("extensions");
  if (extensions == capabilities.end() || !extensions->is_object()) return false;
  const auto tasks = extensions->find(kTasksExtension);
  return tasks != extensions->end() && tasks->is_object();
}

RpcError tasks_missing() {
  return missing_capability({{"extensions", {{kTasksExtension, json::object()}}}});
}

TaskService::Work work_of(const Tool& tool, const json& arguments) {
  return [&tool, arguments](TaskRun& run) -> TaskRun::Outcome {
    const CallContext context = run.context();
    auto output = tool.call(arguments, context);
    // What an interrupted call has kept is what a later process goes on from.
    if (tool.forget && !run.interrupted()) tool.forget(context.keep_as);
    json result = tool_result(std::move(output), true);
    result["resultType"] = "complete";
    return result;
  };
}

TaskService::Maker work_of_tools(const std::vector<Tool>& tools) {
  return [&tools](const std::string& name, const json& arguments) {
    const auto tool =
        std::find_if(tools.begin(), tools.end(), [&](const Tool& t) { return t.name == name; });
    const bool ours = tool != tools.end() && tool->may_take_long;
    return ours ? work_of(*tool, arguments) : TaskService::Work();
  };
}

std::optional<MethodAnswer> run_as_task(TaskService& tasks, const McpCall& call, const Tool& tool,
                                        const json& arguments) {
  if (!knows_tasks(call) || !tool.may_take_long || !tool.may_take_long(arguments)) {
    return std::nullopt;
  }
  auto answer =
      tasks.run(call, {tool.name, arguments, work_of(tool, arguments), tasks.options().grace});
  if (!answer) return std::nullopt;
  if (auto* result = std::get_if<json>(&*answer)) return MethodAnswer(std::move(*result));
  if (auto* error = std::get_if<RpcError>(&*answer)) return MethodAnswer(std::move(*error));
  return MethodAnswer(NoAnswer{});
}

}  // namespace callslip
