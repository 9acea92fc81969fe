// WebSocketAcceptor: the WebSockets of the port: JSON-RPC messages as text frames, over
// websocketpp. Handshakes come from where HTTP is read, after they were let in.
//
// The I/O thread only: websocketpp is never entered from another. Sends of other threads are
// queued per connection, in order, and handed over there.
//
// What is bounded: a message (close 1009), messages a second (read slowly; beyond two seconds'
// worth of debt close 1008), what a peer has not read yet (dropped). Outgoing text is not validated
// and must be UTF-8, as JSON is.
//
// Also compiled as C++17: websocketpp 0.8.2 is not C++20.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "plugin/access/access_control.h"
#include "plugin/http/client_limits.h"
#include "plugin/http/port_metrics.h"
#include "plugin/http/port_options.h"
#include "plugin/http/port_stream.h"
#include "plugin/transports/transport.h"

namespace callslip::port {

/// A WebSocket handshake that was let in: its head is the first that the stream gives.
struct Upgrade {
  std::unique_ptr<PortStream> stream;
  Principal principal;
  std::string client;  // a key of ClientLimits
};

class WebSocketAcceptor {
 public:
  /// All outlive this.
  WebSocketAcceptor(boost::asio::io_context& io, const PortOptions& options,
                    const AccessControl& access, ClientLimits& limits, PortMetrics& metrics);
  ~WebSocketAcceptor();
  WebSocketAcceptor(const WebSocketAcceptor&) = delete;
  WebSocketAcceptor& operator=(const WebSocketAcceptor&) = delete;

  /// Whom messages are for; before the first accept(). `on_gone` is called after each connection.
  void serve(ConnectionHandler& handler, std::function<void()> on_gone);

  void accept(Upgrade upgrade);

  /// Closes those with 1008 that would not be let in any more. It is also done for each message.
  void check_admissions();

  /// Lets out what was sent, and closes all with 1001.
  void finish();
  bool empty() const;

  /// Cuts what is left.
  void drop_all();

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace callslip::port
