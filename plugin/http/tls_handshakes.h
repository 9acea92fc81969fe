// TlsHandshakes: a thread that shakes hands, so that the I/O thread need not: one RSA signature
// takes as long as a dozen searches, and whoever connects can ask for one.
//
// start(): the I/O thread. Streams are handed over to the handshakes' thread and come back by the
// I/O thread's context, where `done` is called; each handshake's time is bounded.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "plugin/http/port_stream.h"

namespace callslip::port {

class TlsHandshakes {
 public:
  TlsHandshakes(asio::io_context& io, std::shared_ptr<asio::ssl::context> context,
                std::chrono::milliseconds timeout);
  ~TlsHandshakes();
  TlsHandshakes(const TlsHandshakes&) = delete;
  TlsHandshakes& operator=(const TlsHandshakes&) = delete;

  using Done = std::function<void(std::unique_ptr<PortStream> stream, ErrorCode error)>;
  void start(std::unique_ptr<PortStream> stream, Done done);

  /// Whether the peer spoke plain HTTP.
  static bool was_plain_http(const ErrorCode& error);

 private:
  struct Handshake;

  void shake(const std::shared_ptr<Handshake>& handshake);
  void give_back(const std::shared_ptr<Handshake>& handshake, ErrorCode error);

  asio::io_context& io_;
  const std::shared_ptr<asio::ssl::context> context_;
  const std::chrono::milliseconds timeout_;
  asio::io_context own_io_{1};
  asio::executor_work_guard<Executor> work_ = asio::make_work_guard(own_io_);
  std::jthread thread_;
};

}  // namespace callslip::port
