// Tools that the suite runs as tasks.
#include <chrono>
#include <thread>

#include "plugin/mcp/conformance/fixtures.h"
#include "plugin/mcp/conformance/input_round.h"
#include "plugin/mcp/tool_task.h"

namespace callslip::conformance {
namespace {

using nlohmann::json;
using Outcome = TaskRun::Outcome;
using Seconds = std::chrono::duration<double>;

/// Nothing: the task was cancelled.
std::optional<Outcome> after(TaskRun& run, double seconds, const Outcome& outcome) {
  const CallContext context = run.context();
  const auto end = CallContext::Clock::now() +
                   std::chrono::duration_cast<CallContext::Clock::duration>(Seconds(seconds));
  while (CallContext::Clock::now() < end) {
    if (context.cancelled()) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return outcome;
}

Outcome cancelled() { return RpcError{rpc_error::internal, "cancelled", {}, {}}; }

json error_result(const std::string& text) {
  json result = text_result(text);
  result["isError"] = true;
  return result;
}

json argument(const McpCall& call, const char* name) {
  const json* all = call.param("arguments");
  return all != nullptr && all->is_object() ? all->value(name, json()) : json();
}

json form(const std::string& message, const char* property, const char* type) {
  return {{"method", "elicitation/create"},
          {"params",
           {{"mode", "form"},
            {"message", message},
            {"requestedSchema",
             {{"type", "object"},
              {"properties", {{property, {{"type", type}}}}},
              {"required", {property}}}}}}};
}

/// A task where the client knows tasks; else the work is done while it waits.
MethodAnswer run_work(TaskService& tasks, const McpCall& call, const std::string& tool,
                      const TaskService::Work& work) {
  const auto plain = [&]() -> MethodAnswer {
    TaskRun run(Task(), {});
    Outcome outcome = work(run);
    if (auto* error = std::get_if<RpcError>(&outcome)) return std::move(*error);
    return std::move(std::get<json>(outcome));
  };
  if (!knows_tasks(call)) return plain();
  const json* given = call.param("arguments");
  auto answer = tasks.run(
      call, {tool, given == nullptr ? json::object() : *given, work, std::chrono::milliseconds(0)});
  if (!answer) return plain();
  if (auto* result = std::get_if<json>(&*answer)) return std::move(*result);
  if (auto* error = std::get_if<RpcError>(&*answer)) return std::move(*error);
  return NoAnswer{};
}

FixtureTool working_tool(TaskService& tasks, const std::string& name,
                         const std::string& description, const TaskService::Work& work) {
  return {describe_tool(name, description),
          [&tasks, name, work](McpCall& call) { return run_work(tasks, call, name, work); }};
}

FixtureTool slow_compute(TaskService& tasks) {
  FixtureTool tool;
  tool.described = describe_tool("slow_compute", "Takes as long as it is told to");
  tool.described["inputSchema"]["properties"] = {{"seconds", {{"type", "number"}}},
                                                 {"label", {{"type", "string"}}}};
  tool.call = [&tasks](McpCall& call) {
    const json given = argument(call, "seconds");
    const double seconds = given.is_number() ? given.get<double>() : 1;
    return run_work(tasks, call, "slow_compute", [seconds](TaskRun& run) {
      return after(run, seconds, text_result("computed")).value_or(cancelled());
    });
  };
  return tool;
}

FixtureTool failing_job(TaskService& tasks) {
  FixtureTool tool = working_tool(tasks, "failing_job", "Fails after a second", [](TaskRun& run) {
    return after(run, 1, error_result("the job failed")).value_or(cancelled());
  });
  tool.call = [run = tool.call](McpCall& call) -> MethodAnswer {
    if (!knows_tasks(call)) return tasks_missing();
    return run(call);
  };
  return tool;
}

Outcome confirm_delete(TaskRun& run) {
  const auto said = run.ask({{"confirm", form("Delete it?", "confirm", "boolean")}});
  if (!said) return cancelled();
  const json answer = said->value("confirm", json::object());
  const bool yes = answer.is_object() && answer.value("action", "") == "accept";
  return text_result(yes ? "deleted" : "kept");
}

Outcome multi_input(TaskRun& run) {
  const auto said = run.ask({{"name", form("What is your name?", "name", "string")},
                             {"confirm", form("Go on?", "confirm", "boolean")}});
  if (!said) return cancelled();
  return text_result("thank you");
}

/// Asks before it is a task, in rounds of the request itself.
FixtureTool tool_with_task(TaskService& tasks) {
  FixtureTool tool;
  tool.described = describe_tool("test_tool_with_task", "Asks for a name, then works as a task");
  tool.call = [&tasks](McpCall& call) -> MethodAnswer {
    InputRound round(call);
    const json params = form("What is your name?", "name", "string").at("params");
    const json* elicited = round.elicitation("user_name", params);
    if (!round.complete()) return round.answer();
    if (!knows_tasks(call)) return tasks_missing();
    const std::string name = said(*elicited, "name");
    return run_work(tasks, call, "test_tool_with_task", [name](TaskRun& run) {
      return after(run, 0.2, text_result("Hello, " + name + "!")).value_or(cancelled());
    });
  };
  return tool;
}

}  // namespace

std::vector<FixtureTool> task_tools(TaskService& tasks) {
  FixtureTool greet;
  greet.described = describe_tool("greet", "Greets, at once");
  greet.described["inputSchema"]["properties"] = {{"name", {{"type", "string"}}}};
  greet.call = [](McpCall& call) -> MethodAnswer {
    const json name = argument(call, "name");
    return text_result("Hello, " + (name.is_string() ? name.get<std::string>() : "you") + "!");
  };
  return {
      greet,
      slow_compute(tasks),
      failing_job(tasks),
      working_tool(tasks, "protocol_error_job", "Ends with an error of the protocol",
                   [](TaskRun& run) -> Outcome {
                     // Not at once: what ends at once is answered without a task.
                     const RpcError broke{rpc_error::internal, "the job broke", {}, {}};
                     return after(run, 0.3, broke).value_or(cancelled());
                   }),
      working_tool(tasks, "confirm_delete", "Asks before it deletes nothing", confirm_delete),
      working_tool(tasks, "multi_input", "Asks two things at once", multi_input),
      tool_with_task(tasks),
  };
}

}  // namespace callslip::conformance
