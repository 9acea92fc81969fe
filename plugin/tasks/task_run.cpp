#include "plugin/tasks/task_run.h"

namespace callslip {

using nlohmann::json;

TaskRun::TaskRun(Task task, Changed changed)
    : changed_(std::move(changed)), task_(std::move(task)) {}

CallContext TaskRun::context() {
  CallContext context;
  context.stop = stop_.get_token();
  const std::lock_guard lock(mutex_);
  const Principal owner = task_.owner();
  context.collections = owner.collections;
  context.may_write = owner.may_write;
  context.keep_as = task_.kept_as;
  context.progress = [this](double done, double total, const std::string& message) {
    {
      const std::lock_guard progress_lock(mutex_);
      if (!task_.ended()) task_.message = message;
      task_.updated_ms = now_ms();
      if (progress_) progress_(done, total, message);
    }
    if (changed_) changed_(Event::progress);
  };
  return context;
}

void TaskRun::set_status(Task::Status status, const std::string& message) {
  task_.status = status;
  task_.message = message;
  task_.updated_ms = now_ms();
  wake_.notify_all();
}

std::optional<json> TaskRun::ask(const json& requests) {
  std::unique_lock lock(mutex_);
  if (task_.ended()) return std::nullopt;
  task_.input_requests = requests;
  responses_ = json::object();
  set_status(Task::Status::input_required, "waiting for what the client says");
  lock.unlock();
  if (changed_) changed_(Event::status);
  lock.lock();
  const bool answered = wake_.wait(lock, stop_.get_token(),
                                   [&] { return task_.status != Task::Status::input_required; });
  if (!answered || task_.ended()) return std::nullopt;
  return std::exchange(responses_, json::object());
}

Task TaskRun::task() const {
  const std::lock_guard lock(mutex_);
  return task_;
}

bool TaskRun::ended() const {
  const std::lock_guard lock(mutex_);
  return task_.ended();
}

void TaskRun::tell_progress(CallContext::Progress progress) {
  const std::lock_guard lock(mutex_);
  progress_ = std::move(progress);
}

void TaskRun::answer(const json& responses) {
  {
    const std::lock_guard lock(mutex_);
    if (task_.status != Task::Status::input_required) return;
    for (const auto& [key, response] : responses.items()) {
      if (task_.input_requests.erase(key) > 0) responses_[key] = response;
    }
    if (!task_.input_requests.empty()) return;
    set_status(Task::Status::working, "");
  }
  if (changed_) changed_(Event::status);
}

void TaskRun::cancel() {
  {
    const std::lock_guard lock(mutex_);
    if (task_.ended()) return;
    set_status(Task::Status::cancelled, "cancelled by the client");
    task_.input_requests = json::object();
  }
  stop_.request_stop();
  if (changed_) changed_(Event::status);
}

void TaskRun::interrupt() {
  {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
  }
  stop_.request_stop();
}

bool TaskRun::interrupted() const {
  const std::lock_guard lock(mutex_);
  return interrupted_;
}

bool TaskRun::end(Outcome outcome) {
  {
    const std::lock_guard lock(mutex_);
    if (task_.ended() || interrupted_) return false;
    if (auto* error = std::get_if<RpcError>(&outcome)) {
      task_.outcome = {{"code", error->code}, {"message", error->message}};
      if (!error->data.is_null()) task_.outcome["data"] = error->data;
      set_status(Task::Status::failed, error->message);
    } else {
      task_.outcome = std::move(std::get<json>(outcome));
      set_status(Task::Status::completed, "");
    }
  }
  if (changed_) changed_(Event::status);
  return true;
}

bool TaskRun::wait(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, stop, time, [&] { return task_.ended(); });
}

}  // namespace callslip
