// McpSession: what is known of one client: who it is, its era, its calls in flight.
//
// A WebSocket or stdio connection has one for its life; over HTTP a legacy session has one, and a
// request without a session has one of its own. Any thread may call.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "plugin/access/principal.h"
#include "plugin/mcp/client_requests.h"
#include "plugin/mcp/log_level.h"
#include "plugin/mcp/outlet.h"

namespace callslip {

class McpSession {
 public:
  /// `unsolicited` takes what belongs to no request; null: there is no such way.
  McpSession(Principal principal, std::shared_ptr<Outlet> unsolicited);

  const Principal& principal() const { return principal_; }

  /// Tells the client; lost where there is no way.
  void notify(std::string message);
  bool can_notify() const { return unsolicited_ != nullptr; }

  /// Whether a request with this id may run; its stop token then. Nothing: one is in flight.
  std::optional<std::stop_token> begin(const nlohmann::json& id);
  /// Before the reply goes out: who has it may use the id again.
  void release(const nlohmann::json& id);
  /// After the reply went out.
  void end();
  std::size_t in_flight() const;

  void cancel(const nlohmann::json& id);
  void cancel_all();
  void wait_until_idle();

  /// What we asked the client (legacy).
  ClientRequests& requests() { return requests_; }

  /// As negotiated by initialize; empty: not, or modern.
  std::string legacy_version() const;
  /// What the client said of itself in initialize; an object.
  nlohmann::json legacy_capabilities() const;
  void initialize(std::string version, nlohmann::json capabilities);

  /// Of logging/setLevel.
  LogLevel log_level() const;
  void set_log_level(LogLevel level);

 private:
  const Principal principal_;
  const std::shared_ptr<Outlet> unsolicited_;

  ClientRequests requests_;

  mutable std::mutex mutex_;
  std::condition_variable idle_;
  // Guarded by mutex_.
  std::map<std::string, std::stop_source> calls_;
  std::size_t running_ = 0;
  std::string legacy_version_;
  nlohmann::json legacy_capabilities_ = nlohmann::json::object();
  LogLevel log_level_ = LogLevel::info;
};

}  // namespace callslip
