// TlsHandshakes: a thread that shakes hands, so that the I/O thread need not: one RSA signature
// takes as long as a dozen searches, and whoever connects can ask for one.
//
// start(): the I/O thread. Streams are handed over to the handshakes' thread and come back by the
// I/O thread's context, where `done` is called; each handshake's time is bounded. The same thread
// looks now and then whether the certificate was renewed; connections that are there keep the old.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "plugin/http/port_stream.h"
#include "plugin/http/tls_context.h"

namespace callslip::port {

class TlsHandshakes {
 public:
  struct Options {
    std::chrono::milliseconds timeout{10'000};
    std::chrono::milliseconds renewal_checks{10'000};
    std::function<void(const std::string&)> log;  // a renewed certificate that cannot be served
  };
  TlsHandshakes(asio::io_context& io, TlsCertificate certificate, Options options);
  ~TlsHandshakes();
  TlsHandshakes(const TlsHandshakes&) = delete;
  TlsHandshakes& operator=(const TlsHandshakes&) = delete;

  using Done = std::function<void(std::unique_ptr<PortStream> stream, ErrorCode error)>;
  void start(std::unique_ptr<PortStream> stream, Done done);

  /// Whether the peer spoke plain HTTP.
  static bool was_plain_http(const ErrorCode& error);

 private:
  struct Handshake;

  void look_for_renewal();
  void shake(const std::shared_ptr<Handshake>& handshake);
  void give_back(const std::shared_ptr<Handshake>& handshake, ErrorCode error);

  asio::io_context& io_;
  const Options options_;
  TlsContext context_;          // of the I/O thread
  TlsCertificate certificate_;  // of the handshakes' thread
  asio::io_context own_io_{1};
  Timer renewal_{own_io_};
  asio::executor_work_guard<Executor> work_ = asio::make_work_guard(own_io_);
  std::jthread thread_;
};

}  // namespace callslip::port
