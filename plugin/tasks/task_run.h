// TaskRun: a task while someone works on it in this process.
//
// Shared by the thread that works, and those that ask how far it is; any thread may call.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>

#include "plugin/mcp/json_rpc.h"
#include "plugin/tasks/task.h"
#include "tools/call_context.h"

namespace callslip {

class TaskRun {
 public:
  using Outcome = std::variant<nlohmann::json, RpcError>;  // a result, or JSON-RPC's error
  enum class Event { status, progress };
  using Changed = std::function<void(Event event)>;

  /// `changed` is called after each change, without locks; may be empty.
  TaskRun(Task task, Changed changed);

  // For the work.

  /// With its principal's rights; its progress becomes the task's message.
  CallContext context();
  /// Asks the client (an object of requests, by keys that are used once) and waits until it has
  /// answered them all. Nothing: the task was cancelled.
  std::optional<nlohmann::json> ask(const nlohmann::json& requests);

  // For the others.

  Task task() const;
  bool ended() const;
  /// Progress is told here, too, until it is empty again.
  void tell_progress(CallContext::Progress progress);
  void answer(const nlohmann::json& responses);
  /// The status is `cancelled` from now on, whatever the work still does.
  void cancel();
  /// The work should stop, for the server ends; the status stays.
  void interrupt();
  bool interrupted() const;
  /// False where it was cancelled or interrupted: then the outcome does not count.
  bool end(Outcome outcome);
  /// Whether the work has ended within `time`, or `stop` was requested.
  bool wait(std::chrono::milliseconds time, const std::stop_token& stop);

 private:
  void set_status(Task::Status status, const std::string& message);

  const Changed changed_;
  std::stop_source stop_;

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  // Guarded by mutex_.
  Task task_;
  nlohmann::json responses_ = nlohmann::json::object();
  CallContext::Progress progress_;
  bool interrupted_ = false;
};

}  // namespace callslip
