// TaskService: calls that become tasks, work that outlives the request and the server.
//
// A call that may take long runs on a thread of this service. Where it ends within a moment, its
// result is the answer; else the answer is a task, which is on the disk before the client hears of
// it, and which a later process takes up where this one stops. Any thread may call.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plugin/mcp/mcp_call.h"
#include "plugin/tasks/task_run.h"
#include "plugin/tasks/task_store.h"
#include "plugin/toolset/tool.h"
#include "plugin/worker_pool.h"

namespace callslip {

class TaskService {
 public:
  struct Options {
    std::chrono::milliseconds grace{2000};  // an answer within it is given at once
    std::chrono::milliseconds ttl = std::chrono::hours(24);
    std::size_t max_tasks = 500;                // kept, those that have ended included
    std::size_t max_running_of_principal = 16;  // more of one are plain calls
    std::size_t threads = 8;
  };
  /// Throws what is a bug; it becomes an internal error.
  using Work = std::function<TaskRun::Outcome(TaskRun& run)>;
  /// What a task's call does; empty: this server has no such tool.
  using Maker = std::function<Work(const std::string& tool, const nlohmann::json& arguments)>;
  using Listener = std::function<void(const Task& task)>;

  /// `directory` is that of the index. `maker` makes the work of tasks that are taken up again.
  TaskService(const std::string& directory, Maker maker, Options options);
  TaskService(const std::string& directory, Maker maker)
      : TaskService(directory, std::move(maker), Options()) {}
  ~TaskService();
  TaskService(const TaskService&) = delete;
  TaskService& operator=(const TaskService&) = delete;

  struct Call {
    std::string tool;
    nlohmann::json arguments;
    Work work;
    std::chrono::milliseconds grace;
  };
  /// The call's result or its error; what tells of a task (resultType "task"); or no answer, for it
  /// was cancelled. Nothing: there is no room for another task.
  using Answer = std::variant<nlohmann::json, RpcError, std::monostate>;
  std::optional<Answer> run(const McpCall& call, Call what);

  const Options& options() const { return options_; }

  /// Nothing where this principal has no such task.
  std::optional<Task> find(const std::string& id, const Principal& principal);
  /// False where this principal has no such task.
  bool cancel(const std::string& id, const Principal& principal);
  bool answer(const std::string& id, const Principal& principal, const nlohmann::json& responses);

  /// Takes up what other processes have left behind.
  void resume();
  /// Interrupts what runs, which a later process takes up; bounded wait.
  void stop(std::chrono::milliseconds timeout);

  /// Told of each change of a task, at most once a second of its progress; must not block. After an
  /// empty one was given, the one before is not called any more.
  void listen(Listener listener);

 private:
  struct Entry;
  using EntryPtr = std::shared_ptr<Entry>;

  EntryPtr admit(Task task, Work work, bool kept, CallContext::Progress progress);
  void work_on(const EntryPtr& entry, const Work& work);
  void changed(Entry& entry, TaskRun::Event event);
  Status keep(const EntryPtr& entry);
  Status save(Entry& entry);
  void drop(const Entry& entry);
  EntryPtr running(const std::string& id) const;

  const Options options_;
  const Maker maker_;
  TaskStore store_;

  std::mutex listener_mutex_;
  Listener listener_;  // guarded by listener_mutex_

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, EntryPtr> running_;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point looked_for_orphans_{};

  std::unique_ptr<WorkerPool> pool_;  // last: joined before anything above goes
};

}  // namespace callslip
