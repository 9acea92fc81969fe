// TaskStore: tasks on the disk, a file each below INDEX/tasks/, so that they outlive the server.
//
// Each process is a runner with a lock file of its own: a task whose runner's lock can be taken is
// an orphan, and whoever takes it goes on with it. Any thread may call; several processes may use
// one folder. A file is replaced atomically, and only by the task's runner.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "index/files/file_lock.h"
#include "index/result.h"
#include "plugin/tasks/task.h"

namespace callslip {

class TaskStore {
 public:
  /// The folder is made with the first task. `max_tasks`: files, those of ended tasks included.
  TaskStore(std::string directory, std::size_t max_tasks);

  /// Whether there is room for another one. Sweeps the expired ones when there is none, and now and
  /// then.
  bool has_room();

  /// On the disk when it returns. Takes the runner's name on itself.
  Status save(Task& task);

  /// Nothing where there is none, or it has expired.
  std::optional<Task> load(const std::string& id) const;
  void remove(const std::string& id);

  /// Tasks that nobody works on any more; they are this runner's from now on.
  std::vector<Task> adopt_orphans();
  bool runs(const Task& task) const { return task.runner == runner_; }

  /// For the runner of a task in another process: it should stop.
  void ask_to_cancel(const std::string& id);
  bool cancel_asked(const std::string& id) const;

 private:
  std::string path_of(const std::string& id) const { return directory_ + "/" + id; }
  std::vector<std::string> ids() const;
  std::size_t sweep();
  Status lock_runner();
  std::optional<Task> read(const std::string& id) const;

  const std::string directory_;
  const std::size_t max_tasks_;
  const std::string runner_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<FileLock> lock_;
  std::chrono::steady_clock::time_point next_sweep_{};
};

/// Random, 128 bits.
std::string new_task_id();

}  // namespace callslip
