#include "plugin/mcp/session.h"

namespace callslip {
namespace {

/// A key for maps: 1 and "1" are different ids.
std::string key_of(const nlohmann::json& id) { return id.dump(); }

}  // namespace

McpSession::McpSession(Principal principal, std::shared_ptr<Outlet> unsolicited)
    : principal_(std::move(principal)), unsolicited_(std::move(unsolicited)) {}

void McpSession::notify(std::string message) {
  if (unsolicited_) unsolicited_->send(std::move(message));
}

std::optional<std::stop_token> McpSession::begin(const nlohmann::json& id) {
  const std::lock_guard lock(mutex_);
  const auto [entry, added] = calls_.try_emplace(key_of(id));
  if (!added) return std::nullopt;
  ++running_;
  return entry->second.get_token();
}

void McpSession::release(const nlohmann::json& id) {
  const std::lock_guard lock(mutex_);
  calls_.erase(key_of(id));
}

void McpSession::end() {
  // Under the lock: who waits may destroy this as soon as it is let go.
  const std::lock_guard lock(mutex_);
  --running_;
  idle_.notify_all();
}

std::size_t McpSession::in_flight() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

void McpSession::cancel(const nlohmann::json& id) {
  std::stop_source call(std::nostopstate);
  {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(key_of(id));
    if (found == calls_.end()) return;
    call = found->second;
  }
  call.request_stop();  // outside the lock: stopping may call back
}

void McpSession::cancel_all() {
  std::map<std::string, std::stop_source> calls;
  {
    const std::lock_guard lock(mutex_);
    calls = calls_;
  }
  for (auto& [id, call] : calls) call.request_stop();
}

void McpSession::wait_until_idle() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return running_ == 0; });
}

std::string McpSession::legacy_version() const {
  const std::lock_guard lock(mutex_);
  return legacy_version_;
}

nlohmann::json McpSession::legacy_capabilities() const {
  const std::lock_guard lock(mutex_);
  return legacy_capabilities_;
}

void McpSession::initialize(std::string version, nlohmann::json capabilities) {
  const std::lock_guard lock(mutex_);
  legacy_version_ = std::move(version);
  legacy_capabilities_ = std::move(capabilities);
}

LogLevel McpSession::log_level() const {
  const std::lock_guard lock(mutex_);
  return log_level_;
}

void McpSession::set_log_level(LogLevel level) {
  const std::lock_guard lock(mutex_);
  log_level_ = level;
}

}  // namespace callslip
