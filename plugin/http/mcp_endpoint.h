// McpEndpoint: Streamable HTTP, both eras on one path. A POST is a message, and its response the
// answer; legacy clients also have sessions, a GET for what belongs to no request, and DELETE.
//
// handle() is called on the port's I/O thread and does not block. Outlives its exchanges, but for
// what those hold by themselves.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "plugin/http/http_exchange.h"
#include "plugin/http/http_outlet.h"
#include "plugin/http/keep_alive.h"
#include "plugin/http/legacy_sessions.h"
#include "plugin/mcp/mcp_server.h"

namespace callslip {

class McpEndpoint {
 public:
  struct Options {
    LegacySessions::Options sessions;
    std::chrono::milliseconds keep_alive = std::chrono::seconds(15);
  };

  /// `server` outlives this.
  McpEndpoint(McpServer& server, Options options);
  ~McpEndpoint();
  McpEndpoint(const McpEndpoint&) = delete;
  McpEndpoint& operator=(const McpEndpoint&) = delete;

  /// POST, GET and DELETE; other methods get 405.
  void handle(const std::shared_ptr<HttpExchange>& exchange);

 private:
  using Exchange = std::shared_ptr<HttpExchange>;

  void post(const Exchange& exchange);
  void post_modern(const Exchange& exchange, RpcMessage message, HttpOutlet::Accepted accepted);
  void post_legacy(const Exchange& exchange, RpcMessage message, HttpOutlet::Accepted accepted);
  void get(const Exchange& exchange);
  void remove(const Exchange& exchange);

  McpServer& server_;
  const std::shared_ptr<LegacySessions> sessions_;
  KeepAlive keep_alive_;
};

}  // namespace callslip
