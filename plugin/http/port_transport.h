// PortTransport: the one port: HTTP/1.1 and WebSocket on the same listener, plain or through TLS.
//
// A WebSocket handshake for `websocket_path` becomes a Connection of the handler; every other
// request goes to its route. AccessControl is asked before anything is done for either. One I/O
// thread, the one that calls run(); with TLS, handshakes have another.
//
// What is bounded is in PortOptions; what is refused, and how, in docs/SERVING.md.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "index/result.h"
#include "plugin/access/access_control.h"
#include "plugin/http/http_route.h"
#include "plugin/http/port_options.h"
#include "plugin/transports/transport.h"

namespace callslip {

class PortTransport final : public Transport {
 public:
  /// Binds and listens; connections wait in the kernel until run(). Errors: io when the port is in
  /// use or may not be bound, or TLS has no certificate or key; invalid_argument when the address
  /// is none of this machine's. `access` and `metrics` outlive this.
  static Result<std::unique_ptr<PortTransport>> listen(PortOptions options,
                                                       const AccessControl& access,
                                                       std::vector<HttpRoute> routes,
                                                       Metrics& metrics);

  ~PortTransport() override;
  PortTransport(const PortTransport&) = delete;
  PortTransport& operator=(const PortTransport&) = delete;

  /// The port that is bound, also where 0 was asked for.
  std::uint16_t port() const;

  Status run(ConnectionHandler& handler) override;
  void stop() override;

 private:
  class Server;
  explicit PortTransport(std::unique_ptr<Server> server);

  std::unique_ptr<Server> server_;
};

}  // namespace callslip
