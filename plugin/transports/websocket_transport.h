// WebSocketTransport: JSON-RPC messages as WebSocket text frames, over websocketpp and Boost.Asio.
//
// `ws://ADDRESS:PORT/mcp`, subprotocol `mcp` where the client offers it; `GET /healthz` answers
// plain HTTP on the same port. One I/O thread, the one that calls run(): websocketpp is never
// entered from another. Sends of other threads are queued per connection, in order, and handed over
// there.
//
// What is bounded: connections (503), a message (close 1009), the handshake (dropped), what a peer
// has not read yet (dropped). Outgoing text is not validated and must be UTF-8, as JSON is.
//
// Also compiled as C++17: websocketpp 0.8.2 is not C++20.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "index/result.h"
#include "plugin/transports/transport.h"

namespace callslip {

struct WebSocketOptions {
  std::string address = "127.0.0.1";         // a name or an address, IPv6 with or without brackets
  std::uint16_t port = 8137;                 // 0: any that is free
  std::vector<std::string> allowed_origins;  // besides those of loopback pages
  std::vector<std::string> allowed_hosts;    // besides loopback names and `address`
  std::size_t max_message_bytes = std::size_t{16} << 20U;
  std::size_t max_connections = 1024;
  std::size_t max_send_buffer_bytes = std::size_t{64} << 20U;  // per connection
  std::chrono::seconds handshake_timeout{5};
  std::chrono::milliseconds drain_timeout{2000};  // of stop() and of closing handshakes
};

class WebSocketTransport final : public Transport {
 public:
  /// Binds and listens; connections wait in the kernel until run(). Errors: io when the port is in
  /// use or may not be bound, invalid_argument when the address is none of this machine's.
  static Result<std::unique_ptr<WebSocketTransport>> listen(WebSocketOptions options);

  ~WebSocketTransport() override;
  WebSocketTransport(const WebSocketTransport&) = delete;
  WebSocketTransport& operator=(const WebSocketTransport&) = delete;

  /// The port that is bound, also where 0 was asked for.
  std::uint16_t port() const;

  Status run(ConnectionHandler& handler) override;
  void stop() override;

 private:
  class Server;
  explicit WebSocketTransport(std::unique_ptr<Server> server);

  std::unique_ptr<Server> server_;
};

}  // namespace callslip
