// Listener: the socket that the port is bound to.
//
// The I/O thread only, but for listen(), which may come before there is one.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <cstdint>
#include <functional>

#include "index/result.h"
#include "plugin/http/port_options.h"
#include "plugin/http/port_stream.h"

namespace callslip::port {

class Listener {
 public:
  using Taker = std::function<void(Socket socket, const asio::ip::address& peer)>;

  explicit Listener(asio::io_context& io) : io_(io), acceptor_(io), pause_(io) {}

  /// Errors: io when the port is in use or may not be bound, invalid_argument when the address is
  /// none of this machine's.
  Status listen(const PortOptions& options);
  std::uint16_t port() const { return port_; }

  /// Gives connections to `taker`, one at a turn, so that those that are there have theirs.
  void start(Taker taker);
  void close();

 private:
  void accept();

  asio::io_context& io_;
  asio::basic_socket_acceptor<tcp, Executor> acceptor_;
  Timer pause_;
  Taker taker_;
  std::uint16_t port_ = 0;
};

}  // namespace callslip::port
