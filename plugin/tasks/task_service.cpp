#include "plugin/tasks/task_service.h"

#include <algorithm>

#include "tools/read_state.h"

namespace callslip {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kProgressInterval{100};
constexpr std::chrono::seconds kLookInterval{1};  // for who wants to cancel, and for orphans
constexpr std::chrono::seconds kSaveInterval{5};  // of progress
constexpr std::chrono::seconds kStopTimeout{10};

Task new_task(const McpCall& call, const TaskService::Call& what, std::chrono::milliseconds ttl) {
  Task task;
  task.id = new_task_id();
  task.tool = what.tool;
  task.arguments = what.arguments;
  task.kept_as = new_read_handle();
  const Principal& principal = call.session->principal();
  task.principal = principal.name;
  task.credential = principal.credential;
  if (principal.collections) task.collections = *principal.collections;
  task.may_write = principal.may_write;
  task.created_ms = now_ms();
  task.updated_ms = task.created_ms;
  task.ttl_ms = ttl.count();
  return task;
}

RpcError internal(const std::string& message) { return {rpc_error::internal, message, {}, {}}; }

/// How a call that has ended is answered.
TaskService::Answer answer_of(const Task& task) {
  if (task.status == Task::Status::completed) return task.outcome;
  if (task.status != Task::Status::failed) return std::monostate();
  const auto data = task.outcome.find("data");
  return RpcError{task.outcome.at("code").get<int>(),
                  task.outcome.at("message").get<std::string>(),
                  data == task.outcome.end() ? json() : *data,
                  {}};
}

}  // namespace

/// A task that is worked on here.
struct TaskService::Entry {
  Entry(Task task, TaskRun::Changed changed, bool is_kept)
      : id(task.id),
        principal(task.principal),
        run(std::move(task), std::move(changed)),
        kept(is_kept) {}

  const std::string id;
  const std::string principal;
  TaskRun run;

  std::mutex save_mutex;  // one write at a time, the latest last
  // Guarded by the service's mutex_.
  bool kept;          // it is a task that clients know of
  bool done = false;  // the work has ended
  Clock::time_point looked{};
  Clock::time_point saved = Clock::now();
};

TaskService::TaskService(const std::string& directory, Maker maker, Options options)
    : options_(options),
      maker_(std::move(maker)),
      store_(directory + "/tasks", options.max_tasks),
      pool_(std::make_unique<WorkerPool>(options.threads, 2 * options.max_tasks)) {}

TaskService::~TaskService() { stop(kStopTimeout); }

TaskService::EntryPtr TaskService::running(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(id);
  return found == running_.end() ? nullptr : found->second;
}

TaskService::EntryPtr TaskService::admit(Task task, Work work, bool kept,
                                         CallContext::Progress progress) {
  // The entry outlives its run, and the run is what calls.
  auto self = std::make_shared<std::weak_ptr<Entry>>();
  const auto entry = std::make_shared<Entry>(
      std::move(task),
      [this, self](TaskRun::Event event) {
        if (const EntryPtr owner = self->lock()) changed(*owner, event);
      },
      kept);
  *self = entry;
  entry->run.tell_progress(std::move(progress));  // before there is any
  {
    const std::lock_guard lock(mutex_);
    const auto of_principal = std::count_if(running_.begin(), running_.end(), [&](const auto& e) {
      return e.second->principal == entry->principal && !e.second->run.ended();
    });
    if (stopping_ ||
        (!kept && static_cast<std::size_t>(of_principal) >= options_.max_running_of_principal)) {
      return nullptr;
    }
    running_[entry->id] = entry;
  }
  if (pool_->submit([this, entry, work = std::move(work)] { work_on(entry, work); })) return entry;
  drop(*entry);
  return nullptr;
}

void TaskService::work_on(const EntryPtr& entry, const Work& work) {
  TaskRun::Outcome outcome = internal("it was not begun");
  try {
    if (!entry->run.task().ended() && !entry->run.interrupted()) outcome = work(entry->run);
  } catch (const std::exception& e) {
    outcome = internal(std::string("internal error: ") + e.what());
  }
  entry->run.end(std::move(outcome));
  bool kept = false;
  {
    const std::lock_guard lock(mutex_);
    entry->done = true;
    kept = entry->kept;
  }
  // Where it cannot be written, it is told from memory.
  if (kept && save(*entry).ok()) drop(*entry);
}

void TaskService::changed(Entry& entry, TaskRun::Event event) {
  const auto now = Clock::now();
  bool saves = false;
  {
    const std::lock_guard lock(mutex_);
    if (!entry.kept) return;
    if (event == TaskRun::Event::progress && now - entry.looked < kLookInterval) return;
    entry.looked = now;
    saves = event == TaskRun::Event::status || now - entry.saved >= kSaveInterval;
  }
  if (event == TaskRun::Event::progress && store_.cancel_asked(entry.id)) {
    entry.run.cancel();
    return;
  }
  if (saves) (void)save(entry);
  const std::lock_guard lock(listener_mutex_);
  if (listener_) listener_(entry.run.task());
}

void TaskService::listen(Listener listener) {
  const std::lock_guard lock(listener_mutex_);
  listener_ = std::move(listener);
}

Status TaskService::save(Entry& entry) {
  const std::lock_guard save_lock(entry.save_mutex);
  Task task = entry.run.task();
  {
    const std::lock_guard lock(mutex_);
    entry.saved = Clock::now();
  }
  return store_.save(task);
}

Status TaskService::keep(const EntryPtr& entry) {
  if (Status s = save(*entry); !s) return s;
  bool done = false;
  {
    const std::lock_guard lock(mutex_);
    entry->kept = true;
    done = entry->done;
  }
  // It may have ended, or changed, since it was saved.
  Status saved = save(*entry);
  if (saved.ok() && done) drop(*entry);
  return saved;
}

void TaskService::drop(const Entry& entry) {
  const std::lock_guard lock(mutex_);
  running_.erase(entry.id);
}

std::optional<TaskService::Answer> TaskService::run(const McpCall& call, Call what) {
  if (!store_.has_room()) return std::nullopt;
  Task task = new_task(call, what, options_.ttl);
  const EntryPtr entry =
      admit(std::move(task), std::move(what.work), false, call.progress(kProgressInterval));
  if (!entry) return std::nullopt;
  const bool ended = entry->run.wait(what.grace, call.context.stop);
  entry->run.tell_progress({});
  if (ended || call.context.cancelled()) {
    entry->run.cancel();
    drop(*entry);
    return call.context.cancelled() ? Answer(std::monostate()) : answer_of(entry->run.task());
  }
  if (const Status kept = keep(entry); !kept) {
    entry->run.cancel();
    drop(*entry);
    return internal("the task cannot be kept: " + kept.error().message);
  }
  json told = entry->run.task().described(false);
  told["resultType"] = "task";
  return Answer(std::move(told));
}

std::optional<Task> TaskService::find(const std::string& id, const Principal& principal) {
  const auto look = [&]() -> std::optional<Task> {
    if (const EntryPtr entry = running(id)) {
      {
        const std::lock_guard lock(mutex_);
        if (!entry->kept) return std::nullopt;
      }
      Task task = entry->run.task();
      if (!task.expired(now_ms())) return task;
      entry->run.cancel();
      store_.remove(id);
      return std::nullopt;
    }
    return store_.load(id);
  };
  auto task = look();
  if (!task || !task->belongs_to(principal)) return std::nullopt;
  if (task->ended() || running(id)) return task;
  // Another process works on it, or none any more.
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    if (now - looked_for_orphans_ < kLookInterval) return task;
    looked_for_orphans_ = now;
  }
  resume();
  return look();
}

bool TaskService::cancel(const std::string& id, const Principal& principal) {
  const auto task = find(id, principal);
  if (!task) return false;
  if (const EntryPtr entry = running(id)) {
    entry->run.cancel();
  } else if (!task->ended()) {
    store_.ask_to_cancel(id);
  }
  return true;
}

bool TaskService::answer(const std::string& id, const Principal& principal, const json& responses) {
  if (!find(id, principal)) return false;
  if (const EntryPtr entry = running(id)) entry->run.answer(responses);
  return true;
}

void TaskService::resume() {
  for (Task& task : store_.adopt_orphans()) {
    if (store_.cancel_asked(task.id)) {
      task.status = Task::Status::cancelled;
      (void)store_.save(task);
      continue;
    }
    Work work = maker_ ? maker_(task.tool, task.arguments) : Work();
    if (work && task.status == Task::Status::working) {
      (void)admit(std::move(task), std::move(work), true, {});
      continue;
    }
    task.status = Task::Status::failed;
    task.message = "the server was restarted and cannot go on with this task";
    task.outcome = {{"code", rpc_error::internal}, {"message", task.message}};
    task.updated_ms = now_ms();
    (void)store_.save(task);
  }
}

void TaskService::stop(std::chrono::milliseconds timeout) {
  std::vector<EntryPtr> entries;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [id, entry] : running_) entries.push_back(entry);
  }
  for (const EntryPtr& entry : entries) entry->run.interrupt();
  pool_->drain(timeout);
}

}  // namespace callslip
