// Calls of tools as tasks (the extension io.modelcontextprotocol/tasks).
//
// Stateless; any thread.
#pragma once

#include <optional>

#include "plugin/mcp/method.h"
#include "plugin/tasks/task_service.h"

namespace callslip {

inline constexpr const char* kTasksExtension = "io.modelcontextprotocol/tasks";

/// Whether this request says that its client knows tasks.
bool knows_tasks(const McpCall& call);
/// What is answered to one that does not and must.
RpcError tasks_missing();

/// What a task of this tool does.
TaskService::Work work_of(const Tool& tool, const nlohmann::json& arguments);

/// The same for tasks of earlier processes. `tools` outlives it.
TaskService::Maker work_of_tools(const std::vector<Tool>& tools);

/// Runs a call that may take long: its result, or a task. Nothing: it is to be run as ever.
std::optional<MethodAnswer> run_as_task(TaskService& tasks, const McpCall& call, const Tool& tool,
                                        const nlohmann::json& arguments);

}  // namespace callslip
