// McpServer: the protocol core. The Model Context Protocol in both its eras, for any transport.
//
// on_* are called on the transport's I/O thread and never block: tools run on the worker pool and
// send their replies from there. One server may serve several transports at once. It outlives them
// and must be drained before the tools go.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "plugin/mcp/json_rpc.h"
#include "plugin/toolset/tool.h"
#include "plugin/transports/transport.h"
#include "plugin/worker_pool.h"

namespace callslip {

class McpServer final : public ConnectionHandler {
 public:
  struct Options {
    std::string version;
    std::size_t max_calls_per_connection = 64;  // in flight
    /// What becomes of running calls when their peer goes: cancelled, or (stdio, whose input may
    /// end while the peer still listens) waited for.
    bool finish_calls_on_close = false;
  };

  /// All outlive this. Tools that wait run on `waiting`, so that they hold up no other call.
  McpServer(const std::vector<Tool>& tools, WorkerPool& pool, WorkerPool& waiting, Options options);
  ~McpServer() override;

  void on_open(const std::shared_ptr<Connection>& connection) override;
  void on_message(const std::shared_ptr<Connection>& connection, std::string message) override;
  void on_close(const std::shared_ptr<Connection>& connection) override;

  /// Waits until no call is in flight; after `timeout` the rest is cancelled.
  void drain(std::chrono::milliseconds timeout);

 private:
  class Session;
  using SessionPtr = std::shared_ptr<Session>;

  SessionPtr session_of(const std::shared_ptr<Connection>& connection);
  void handle(const SessionPtr& session, RpcRequest request);
  void handle_notification(const SessionPtr& session, const RpcRequest& request);
  std::variant<nlohmann::json, RpcError> answer(const RpcRequest& request, bool modern);
  void call_tool(const SessionPtr& session, const RpcRequest& request, bool modern);
  std::optional<std::string> run_tool(const SessionPtr& session, const Tool& tool,
                                      const RpcRequest& request, bool modern, CallContext context);
  nlohmann::json initialize(const nlohmann::json& params) const;
  nlohmann::json discover() const;
  nlohmann::json list_tools(bool modern) const;
  nlohmann::json server_info() const;

  const std::vector<Tool>& tools_;
  WorkerPool& pool_;
  WorkerPool& waiting_;
  const Options options_;

  std::mutex mutex_;
  std::condition_variable idle_;
  // Guarded by mutex_.
  std::map<const Connection*, SessionPtr> sessions_;
  std::size_t in_flight_ = 0;
};

}  // namespace callslip
