#include "plugin/mcp/client_requests.h"

#include <utility>

namespace callslip {

std::string ClientRequests::open() {
  const std::lock_guard lock(mutex_);
  std::string id = "callslip-" + std::to_string(next_++);
  open_.emplace(id, std::nullopt);
  return id;
}

std::optional<RpcReply> ClientRequests::wait(const std::string& id, const std::stop_token& stop,
                                             std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const auto found = open_.find(id);
  if (found == open_.end()) return std::nullopt;
  changed_.wait_for(lock, stop, timeout, [&] { return closed_ || found->second.has_value(); });
  std::optional<RpcReply> reply = std::move(found->second);
  open_.erase(found);
  return reply;
}

void ClientRequests::answered(RpcReply reply) {
  if (!reply.id.is_string()) return;
  {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(reply.id.get_ref<const std::string&>());
    if (found == open_.end() || found->second) return;
    found->second = std::move(reply);
  }
  changed_.notify_all();
}

void ClientRequests::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace callslip
