#include "plugin/tasks/task_store.h"

#include <filesystem>
#include <map>
#include <random>

#include "index/files/atomic_file.h"
#include "index/files/file_descriptor.h"
#include "index/hash.h"

namespace callslip {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::chrono::minutes kSweepInterval{10};
constexpr std::uint64_t kMaxBytes = 64U << 20;
constexpr const char* kLockSuffix = ".lock";
constexpr const char* kCancelSuffix = ".cancel";

bool is_id(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string new_task_id() {
  std::random_device device;
  const auto word = [&] { return static_cast<std::uint64_t>(device()) << 32 | device(); };
  const std::uint64_t first = word();
  return hex64(first) + hex64(word());
}

TaskStore::TaskStore(std::string directory, std::size_t max_tasks)
    : directory_(std::move(directory)), max_tasks_(max_tasks), runner_(new_task_id()) {}

std::vector<std::string> TaskStore::ids() const {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory_, ignored)) {
    if (std::string name = entry.path().filename(); is_id(name)) found.push_back(std::move(name));
  }
  return found;
}

bool TaskStore::has_room() {
  const auto now = std::chrono::steady_clock::now();
  bool due = false;
  {
    const std::lock_guard lock(mutex_);
    due = now >= next_sweep_;
    if (due) next_sweep_ = now + kSweepInterval;
  }
  const std::size_t count = due ? sweep() : ids().size();
  return count < max_tasks_ || (!due && sweep() < max_tasks_);
}

/// How many are left.
std::size_t TaskStore::sweep() {
  std::size_t count = 0;
  for (const std::string& id : ids()) {
    const auto task = read(id);
    if (!task || task->expired(now_ms())) {
      remove(id);
    } else {
      ++count;
    }
  }
  return count;
}

Status TaskStore::lock_runner() {
  const std::lock_guard lock(mutex_);
  if (lock_) return {};
  std::error_code code;
  fs::create_directories(directory_, code);
  if (code) return system_error(directory_, code.value());
  auto taken = FileLock::acquire(path_of(runner_) + kLockSuffix, std::chrono::milliseconds(0));
  if (!taken) return taken.error();
  lock_ = std::move(taken).value();
  return {};
}

Status TaskStore::save(Task& task) {
  if (Status s = lock_runner(); !s) return s;
  task.runner = runner_;
  const std::vector<std::uint8_t> cbor = json::to_cbor(task.to_json());
  return write_file_atomically(path_of(task.id),
                               {reinterpret_cast<const char*>(cbor.data()), cbor.size()});
}

std::optional<Task> TaskStore::read(const std::string& id) const {
  if (!is_id(id)) return std::nullopt;
  const auto bytes = read_file(path_of(id), kMaxBytes);
  if (!bytes) return std::nullopt;
  try {
    return Task::from_json(json::from_cbor(*bytes));
  } catch (const std::exception&) {
    return std::nullopt;  // written by another version, or damaged
  }
}

std::optional<Task> TaskStore::load(const std::string& id) const {
  auto task = read(id);
  if (task && task->expired(now_ms())) return std::nullopt;
  return task;
}

void TaskStore::remove(const std::string& id) {
  if (!is_id(id)) return;
  std::error_code ignored;
  fs::remove(path_of(id), ignored);
  fs::remove(path_of(id) + kCancelSuffix, ignored);
}

std::vector<Task> TaskStore::adopt_orphans() {
  std::map<std::string, std::vector<std::string>> runners;  // and their unfinished tasks
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory_, ignored)) {
    if (entry.path().extension() == kLockSuffix) runners[entry.path().stem()];
  }
  for (const std::string& id : ids()) {
    const auto task = load(id);
    if (task && !task->ended()) runners[task->runner].push_back(id);
  }
  std::vector<Task> adopted;
  for (const auto& [runner, tasks] : runners) {
    if (runner == runner_ || !is_id(runner)) continue;
    const std::string path = path_of(runner) + kLockSuffix;
    // Held while the tasks change hands: nobody else takes them.
    const auto dead = FileLock::acquire(path, std::chrono::milliseconds(0));
    if (!dead) continue;
    bool all = true;
    for (const std::string& id : tasks) {
      auto task = load(id);  // it may have been taken since
      if (!task || task->ended() || task->runner != runner) continue;
      const bool saved = save(*task).ok();
      if (saved) adopted.push_back(std::move(*task));
      all = all && saved;
    }
    if (all) fs::remove(path, ignored);
  }
  return adopted;
}

void TaskStore::ask_to_cancel(const std::string& id) {
  if (is_id(id)) (void)FileDescriptor::create(path_of(id) + kCancelSuffix);
}

bool TaskStore::cancel_asked(const std::string& id) const {
  std::error_code ignored;
  return fs::exists(path_of(id) + kCancelSuffix, ignored);
}

}  // namespace callslip
