// McpServer: the protocol core. The Model Context Protocol in both its eras, for any transport.
//
// What arrives is handed over on the transport's I/O thread and never blocks there: methods that
// take time run on the worker pools and answer from there. One server serves several transports at
// once. It outlives them and must be drained before what the methods use goes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/mcp/json_rpc.h"
#include "plugin/mcp/lifecycle.h"
#include "plugin/mcp/method.h"
#include "plugin/mcp/param_headers.h"
#include "plugin/mcp/session.h"
#include "plugin/mcp/subscriptions.h"
#include "plugin/transports/transport.h"
#include "plugin/worker_pool.h"

namespace callslip {

class McpServer final : public ConnectionHandler {
 public:
  struct Options {
    std::size_t max_calls_per_connection = 64;  // in flight
  };

  /// All outlive this. What waits runs on `waiting`, so that it holds up no other call.
  McpServer(const McpServices& services, WorkerPool& pool, WorkerPool& waiting, Options options);
  ~McpServer() override;

  // Transports with connections: a session for each.
  void on_open(const std::shared_ptr<Connection>& connection) override;
  void on_message(const std::shared_ptr<Connection>& connection, std::string message) override;
  void on_close(const std::shared_ptr<Connection>& connection) override;

  /// Transports that know sessions of their own: answers through `outlet`, once for each message
  /// that wants_answer(), and never for another.
  void handle(const std::shared_ptr<McpSession>& session, RpcMessage message,
              const std::shared_ptr<Outlet>& outlet);

  /// What tools want mirrored in the headers of a request.
  const ParamHeaders& param_headers() const { return param_headers_; }

  /// `hook` is called when draining begins, on that thread. Before anything is served.
  void on_drain(std::function<void()> hook) { drain_hooks_.push_back(std::move(hook)); }

  /// Waits until no call is in flight; after `timeout` the rest is cancelled. Subscriptions end.
  void drain(std::chrono::milliseconds timeout);

 private:
  using SessionPtr = std::shared_ptr<McpSession>;
  struct Entry {
    SessionPtr session;
    std::shared_ptr<Outlet> outlet;
  };

  Entry entry_of(const std::shared_ptr<Connection>& connection);
  void handle_batch(const SessionPtr& session, RpcBatch batch,
                    const std::shared_ptr<Outlet>& outlet);
  void notified(const SessionPtr& session, const RpcRequest& request);
  void answer(const SessionPtr& session, RpcRequest request, const std::shared_ptr<Outlet>& outlet);
  void run(const Method& method, Method::Runs where, McpCall call);
  void finish(const McpCall& call, MethodAnswer answer) const;
  const Method* find(const std::string& name, bool modern) const;

  WorkerPool& pool_;
  WorkerPool& waiting_;
  const Options options_;
  Lifecycle lifecycle_;
  Subscriptions subscriptions_;
  const McpServices services_;
  ParamHeaders param_headers_;
  std::map<std::string, std::vector<Method>> methods_;
  std::vector<std::function<void()>> drain_hooks_;

  std::mutex mutex_;
  std::condition_variable idle_;
  // Guarded by mutex_.
  std::map<const Connection*, Entry> connections_;
  std::map<McpSession*, std::pair<std::weak_ptr<McpSession>, std::size_t>> busy_;
  std::size_t in_flight_ = 0;
};

}  // namespace callslip
