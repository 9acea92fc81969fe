#include "plugin/http/port_transport.h"

#include <boost/asio/write.hpp>
#include <optional>
#include <string>
#include <utility>

#include "plugin/http/http_connection.h"
#include "plugin/http/http_response.h"
#include "plugin/http/listener.h"
#include "plugin/http/port.h"
#include "plugin/http/tls_context.h"
#include "plugin/http/tls_handshakes.h"
#include "plugin/http/websocket_acceptor.h"

namespace callslip {
namespace {

using port::Clock;
using port::ErrorCode;
using port::HttpConnection;
using port::PortStream;
using port::Room;

/// Sockets beyond max_connections that may be in the middle of a request: they get an answer (503,
/// or /healthz) rather than silence.
constexpr std::size_t kSpareSockets = 64;

/// For what is queued when the port stops.
constexpr std::chrono::milliseconds kLastWords{100};

std::string hint_of_tls() {
  const HttpResponse hint = error_response(400, "this port speaks TLS; ask for https://");
  return port::response_head(hint, port::Framing::length, hint.body.size(), false, true) +
         hint.body;
}

}  // namespace

class PortTransport::Server {
 public:
  Server(PortOptions options, const AccessControl& access, std::vector<HttpRoute> routes,
         Metrics& metrics)
      : port_(std::move(options), access, std::move(routes), metrics),
        work_(boost::asio::make_work_guard(port_.io)),
        listener_(port_.io),
        deadline_(port_.io),
        admission_checks_(port_.io),
        websockets_(port_.io, port_.options, port_.access, port_.limits, port_.metrics) {
    port_.take_websocket = [this](port::Upgrade upgrade) {
      websockets_.accept(std::move(upgrade));
    };
    port_.on_connection_gone = [this] { end_when_empty(); };
  }

  Status listen() {
    const PortOptions& options = port_.options;
    if (!options.tls_cert.empty() || !options.tls_key.empty()) {
      auto certificate = port::TlsCertificate::open(options.tls_cert, options.tls_key);
      if (!certificate) return certificate.error();
      handshakes_.emplace(port_.io, std::move(certificate).value(),
                          port::TlsHandshakes::Options{options.handshake_timeout,
                                                       options.renewal_checks, options.log});
    }
    return listener_.listen(options);
  }

  std::uint16_t port() const { return listener_.port(); }

  Status run(ConnectionHandler& handler) {
    websockets_.serve(handler, [this] { end_when_empty(); });
    listener_.start([this](port::Socket socket, const boost::asio::ip::address& peer) {
      take(std::move(socket), peer);
    });
    check_admissions();
    Status status;
    try {
      port_.io.run();
    } catch (const std::exception& error) {
      status = Error{ErrorKind::io, std::string("serving the port: ") + error.what()};
    }
    // Those that outstayed the deadline.
    port_.on_connection_gone = nullptr;
    drop_all();
    // What was about to be said is said, but no more is listened to.
    port_.io.restart();
    const Clock::time_point end = Clock::now() + kLastWords;
    while (Clock::now() < end && port_.io.poll_one() > 0) {
    }
    drop_all();
    return status;
  }

  void stop() {
    boost::asio::post(port_.io, [this] { begin_stop(); });
  }

 private:
  void take(port::Socket socket, const boost::asio::ip::address& address) {
    const std::string client = port::ClientLimits::key_of_address(address);
    Room room = port_.limits.room(client);
    // Whoever waits for nothing makes room, the longest idle first.
    if (room == Room::full && !port_.idle.empty()) {
      port_.metrics.refused("idle");
      port_.idle.front()->drop();
      room = port_.limits.room(client);
    }
    // No answer for what is far beyond the bounds, or for whom has not paid for what came before.
    if (*sockets_ >= port_.options.max_connections + kSpareSockets ||
        (room == Room::address_full && *surplus_ >= kSpareSockets / 2) ||
        port_.limits.owes(client, Clock::now())) {
      port_.metrics.refused("connections");
      return;
    }
    auto stream = std::make_unique<PortStream>(std::move(socket));
    stream->slot = count(sockets_);
    if (room == Room::address_full) {
      stream->place = count(surplus_);
    } else {
      stream->place = port_.limits.enter(client);
    }
    port::HttpPeer peer{address.to_string(), client, room};
    if (!handshakes_) return begin(std::move(stream), std::move(peer));
    handshakes_->start(std::move(stream),
                       [this, peer = std::move(peer)](std::unique_ptr<PortStream> shaken,
                                                      ErrorCode error) mutable {
                         if (!error && !port_.stopping)
                           return begin(std::move(shaken), std::move(peer));
                         if (error) end_failed_handshake(std::move(shaken), peer, error);
                       });
  }

  void begin(std::unique_ptr<PortStream> stream, port::HttpPeer peer) {
    const auto connection =
        std::make_shared<HttpConnection>(port_, std::move(stream), std::move(peer));
    port_.connections.insert(connection);
    connection->start();
  }

  void end_failed_handshake(std::unique_ptr<PortStream> stream, const port::HttpPeer& peer,
                            const ErrorCode& error) {
    port_.metrics.refused("tls");
    port_.limits.owe_request(peer.client, Clock::now());
    if (!port::TlsHandshakes::was_plain_http(error)) return;
    const std::shared_ptr<PortStream> plain = std::move(stream);
    plain->make_plain();
    const auto hint = std::make_shared<const std::string>(hint_of_tls());
    boost::asio::async_write(
        *plain, boost::asio::buffer(*hint),
        [plain, hint](const ErrorCode&, std::size_t) { plain->finish(plain); });
  }

  /// A token may have been revoked, or have expired.
  void check_admissions() {
    admission_checks_.expires_after(port_.options.admission_checks);
    admission_checks_.async_wait([this](const ErrorCode& cancelled) {
      if (cancelled) return;
      websockets_.check_admissions();
      const auto connections = port_.connections;  // some go meanwhile
      for (const auto& connection : connections) connection->check_admission();
      check_admissions();
    });
  }

  static std::shared_ptr<void> count(const std::shared_ptr<std::size_t>& number) {
    ++*number;
    return {number.get(), [number](std::size_t*) { --*number; }};
  }

  void begin_stop() {
    if (std::exchange(port_.stopping, true)) return;
    listener_.close();
    websockets_.finish();
    const auto connections = port_.connections;  // some go meanwhile
    for (const auto& connection : connections) connection->finish_soon();
    deadline_.expires_after(port_.options.drain_timeout);
    deadline_.async_wait([this](const ErrorCode& cancelled) {
      if (!cancelled) port_.io.stop();
    });
    end_when_empty();
  }

  void drop_all() {
    websockets_.drop_all();
    while (!port_.connections.empty()) (*port_.connections.begin())->drop();
  }

  void end_when_empty() {
    if (port_.stopping && port_.connections.empty() && websockets_.empty()) port_.io.stop();
  }

  const std::shared_ptr<std::size_t> sockets_ = std::make_shared<std::size_t>(0);
  const std::shared_ptr<std::size_t> surplus_ = std::make_shared<std::size_t>(0);  // of addresses
  port::Port port_;
  boost::asio::executor_work_guard<port::Executor> work_;
  port::Listener listener_;
  port::Timer deadline_;
  port::Timer admission_checks_;
  port::WebSocketAcceptor websockets_;
  std::optional<port::TlsHandshakes> handshakes_;  // last: its thread ends first
};

Result<std::unique_ptr<PortTransport>> PortTransport::listen(PortOptions options,
                                                             const AccessControl& access,
                                                             std::vector<HttpRoute> routes,
                                                             Metrics& metrics) {
  auto server = std::make_unique<Server>(std::move(options), access, std::move(routes), metrics);
  if (Status status = server->listen(); !status) return status.error();
  return std::unique_ptr<PortTransport>(new PortTransport(std::move(server)));
}

PortTransport::PortTransport(std::unique_ptr<Server> server) : server_(std::move(server)) {}

PortTransport::~PortTransport() = default;

std::uint16_t PortTransport::port() const { return server_->port(); }

Status PortTransport::run(ConnectionHandler& handler) { return server_->run(handler); }

void PortTransport::stop() { server_->stop(); }

}  // namespace callslip
