#include "plugin/transports/websocket_transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <set>
#include <utility>

#include "plugin/access/access_policy.h"
#include "plugin/transports/websocket_config.h"
#include "plugin/transports/websocket_peer.h"

namespace callslip {
namespace {

namespace asio = boost::asio;
namespace ws = websocketpp;
using boost::asio::ip::tcp;
using websocket::ErrorCode;
using websocket::Peer;
using websocket::WireConnection;
using websocket::WireMessage;

/// Sockets beyond max_connections that may be in the middle of a request: they get an answer (503,
/// or /healthz) rather than silence.
constexpr std::size_t spare_sockets = 64;

Error listen_error(const WebSocketOptions& options, const ErrorCode& error) {
  const std::string port = std::to_string(options.port);
  if (error == asio::error::address_in_use) {
    return {ErrorKind::io,
            "port " + port + " is in use; stop the other server or pass --listen 127.0.0.1:0"};
  }
  if (error == asio::error::access_denied) {
    return {ErrorKind::io, "port " + port + " may not be bound by this user; pass one above 1023"};
  }
  if (error == boost::system::errc::address_not_available) {
    return {ErrorKind::invalid_argument, "'" + options.address +
                                             "' is not an address of this machine; pass --listen "
                                             "127.0.0.1:" +
                                             port};
  }
  return {ErrorKind::io,
          "listening on " + options.address + ", port " + port + ": " + error.message()};
}

Result<tcp::endpoint> resolve(asio::io_context& io, const WebSocketOptions& options) {
  std::string name = options.address;
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') {
    name = name.substr(1, name.size() - 2);
  }
  ErrorCode error;
  const asio::ip::address address = asio::ip::make_address(name, error);
  if (!error) return tcp::endpoint(address, options.port);
  // Without a name service too, and not ::1, where half of the clients would not look.
  if (name == "localhost") return tcp::endpoint(asio::ip::address_v4::loopback(), options.port);
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(name, std::to_string(options.port), error);
  if (error || found.empty()) {
    return Error{ErrorKind::invalid_argument,
                 "cannot listen on '" + options.address + "': no such name or address"};
  }
  return found.begin()->endpoint();
}

/// Answers stay small and quick; and a peer that vanishes without a word (a suspended laptop, a
/// pulled plug) is noticed by the kernel within about two minutes, at no cost to us.
void tune(tcp::socket& socket) {
  ErrorCode ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  using asio::detail::socket_option::integer;
  socket.set_option(integer<IPPROTO_TCP, TCP_KEEPIDLE>(60), ignored);
  socket.set_option(integer<IPPROTO_TCP, TCP_KEEPINTVL>(15), ignored);
  socket.set_option(integer<IPPROTO_TCP, TCP_KEEPCNT>(4), ignored);
}

std::string path_of(const WireConnection& connection) {
  const std::string& target = connection.get_request().get_uri();
  return target.substr(0, target.find('?'));
}

void respond(WireConnection& connection, ws::http::status_code::value status,
             const std::string& line) {
  connection.set_status(status);
  connection.replace_header("Content-Type", "text/plain; charset=utf-8");
  connection.replace_header("Connection", "close");
  connection.set_body(line + "\n");
}

}  // namespace

class WebSocketTransport::Server {
 public:
  explicit Server(WebSocketOptions options)
      : options_(std::move(options)),
        policy_(options_.address, options_.allowed_origins, options_.allowed_hosts) {}

  ~Server() {
    for (const std::shared_ptr<Peer>& peer : peers_) peer->retire();
  }

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  Status listen() {
    // The library's byte order test writes a static on its first call; here it is not raced for.
    [[maybe_unused]] static const uint64_t primed = ws::lib::net::_htonll(1);

    const Result<tcp::endpoint> endpoint = resolve(io_, options_);
    if (!endpoint) return endpoint.error();
    const asio::ip::address address = endpoint->address();
    ErrorCode error;
    acceptor_.open(endpoint->protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && address.is_v6() && address.is_unspecified()) {
      acceptor_.set_option(asio::ip::v6_only(false), error);  // every address means IPv4 too
    }
    if (!error) acceptor_.bind(*endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return listen_error(options_, error);
    port_ = acceptor_.local_endpoint(error).port();
    configure();
    return {};
  }

  std::uint16_t port() const { return port_; }

  Status run(ConnectionHandler& handler) {
    handler_ = &handler;
    accept();
    Status status;
    try {
      io_.run();
    } catch (const ws::exception& error) {
      status = Error{ErrorKind::io, std::string("serving WebSockets: ") + error.what()};
    } catch (const boost::system::system_error& error) {
      status = Error{ErrorKind::io, std::string("serving WebSockets: ") + error.what()};
    }
    // Those that outstayed the deadline.
    for (const std::shared_ptr<Peer>& peer : std::exchange(peers_, {})) {
      peer->drop();
      peer->retire();
      handler.on_close(peer);
    }
    return status;
  }

  void stop() {
    asio::post(io_, [this] { begin_stop(); });
  }

 private:
  void configure() {
    endpoint_.init_asio(&io_);
    endpoint_.set_user_agent("callslip");
    endpoint_.set_max_message_size(options_.max_message_bytes);
    endpoint_.set_open_handshake_timeout(
        static_cast<long>(std::chrono::milliseconds(options_.handshake_timeout).count()));
    endpoint_.set_close_handshake_timeout(static_cast<long>(options_.drain_timeout.count()));
    endpoint_.set_validate_handler([this](auto handle) { return admit(*connection(handle)); });
    endpoint_.set_http_handler([this](auto handle) { answer_http(*connection(handle)); });
    endpoint_.set_open_handler([this](auto handle) { opened(connection(handle)); });
    endpoint_.set_close_handler([this](auto handle) { closed(*connection(handle)); });
    endpoint_.set_message_handler(
        [this](auto handle, auto message) { received(*connection(handle), *message); });
    endpoint_.set_ping_handler([this](auto handle, std::string payload) {
      const auto from = connection(handle);
      if (from->peer) from->peer->pong(std::move(payload));
      return false;  // the library's own pong would not be counted
    });
  }

  std::shared_ptr<WireConnection> connection(const ws::connection_hdl& handle) {
    return endpoint_.get_con_from_hdl(handle);
  }

  void accept() {
    acceptor_.async_accept([this](const ErrorCode& error, tcp::socket socket) {
      if (stopping_) return;
      if (!error) {
        adopt(std::move(socket));
        return accept();
      }
      // Out of descriptors, most likely. The listener stays readable: without a pause this spins.
      pause_.expires_after(std::chrono::milliseconds(100));
      pause_.async_wait([this](const ErrorCode& cancelled) {
        if (!cancelled && !stopping_) accept();
      });
    });
  }

  void adopt(tcp::socket socket) {
    if (*sockets_ >= options_.max_connections + spare_sockets) return;
    tune(socket);
    const std::shared_ptr<WireConnection> accepted = endpoint_.get_connection();
    if (!accepted) return;
    accepted->get_raw_socket() = std::move(socket);
    accepted->set_termination_handler([this](const std::shared_ptr<WireConnection>& ended) {
      if (ended->admitted) --admitted_;
    });
    ++*sockets_;
    accepted->slot.reset(sockets_.get(), [count = sockets_](std::size_t*) { --*count; });
    accepted->start();
  }

  /// The checks that stand for CORS: they run before the 101. Returns whether it was refused.
  bool refuse_stranger(WireConnection& connection) {
    using namespace ws::http;
    if (!policy_.allows_host(connection.get_request_header("Host"))) {
      respond(connection, status_code::forbidden,
              "this Host is not served; use the address that the server listens on, or allow the "
              "name in its configuration");
    } else if (!policy_.allows_origin(connection.get_request_header("Origin"))) {
      respond(connection, status_code::forbidden,
              "pages of this Origin may not connect; allow it in the server's configuration");
    } else {
      return false;
    }
    return true;
  }

  bool admit(WireConnection& connection) {
    using namespace ws::http;
    if (refuse_stranger(connection)) return false;
    if (path_of(connection) != "/mcp") {
      respond(connection, status_code::not_found, "nothing is here; the endpoint is /mcp");
      return false;
    }
    if (stopping_ || admitted_ >= options_.max_connections) {
      respond(connection, status_code::service_unavailable,
              stopping_ ? "the server is stopping"
                        : "all " + std::to_string(options_.max_connections) +
                              " connections are taken; try again later");
      return false;
    }
    const std::vector<std::string>& offered = connection.get_requested_subprotocols();
    if (std::find(offered.begin(), offered.end(), "mcp") != offered.end()) {
      connection.select_subprotocol("mcp");
    }
    connection.admitted = true;
    ++admitted_;
    return true;
  }

  void answer_http(WireConnection& connection) {
    using namespace ws::http;
    if (refuse_stranger(connection)) return;
    const std::string path = path_of(connection);
    if (path == "/healthz") {
      respond(connection, status_code::ok, "ok");
    } else if (path == "/mcp") {
      respond(connection, status_code::upgrade_required,
              "this endpoint speaks WebSocket: connect to ws://HOST:PORT/mcp");
      connection.replace_header("Upgrade", "websocket");
      connection.replace_header("Connection", "Upgrade, close");
    } else {
      respond(connection, status_code::not_found, "nothing is here; the endpoint is /mcp");
    }
  }

  void opened(const std::shared_ptr<WireConnection>& connection) {
    connection->peer = std::make_shared<Peer>(io_, connection, options_.max_send_buffer_bytes);
    peers_.insert(connection->peer);
    handler_->on_open(connection->peer);
    if (stopping_) connection->peer->finish(ws::close::status::going_away, "server is stopping");
  }

  void received(WireConnection& connection, WireMessage& message) {
    if (message.get_opcode() != ws::frame::opcode::text) {
      ws::lib::error_code ignored;  // closing already
      connection.close(ws::close::status::unsupported_data,
                       "binary frames are not read: send JSON as text", ignored);
      return;
    }
    // A copy: on_message may close, and with that let go of the connection's reference.
    const std::shared_ptr<Peer> peer = connection.peer;
    handler_->on_message(peer, std::move(message.get_raw_payload()));
  }

  void closed(WireConnection& connection) {
    const std::shared_ptr<Peer> peer = std::exchange(connection.peer, nullptr);
    if (!peer || peers_.erase(peer) == 0) return;
    peer->retire();
    handler_->on_close(peer);
    if (stopping_ && peers_.empty()) io_.stop();
  }

  void begin_stop() {
    if (std::exchange(stopping_, true)) return;
    ErrorCode ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    if (peers_.empty()) return io_.stop();
    for (const std::shared_ptr<Peer>& peer : peers_) {
      peer->finish(ws::close::status::going_away, "server is stopping");
    }
    deadline_.expires_after(options_.drain_timeout);
    deadline_.async_wait([this](const ErrorCode& cancelled) {
      if (!cancelled) io_.stop();
    });
  }

  // Constant after listen().
  const WebSocketOptions options_;
  const AccessPolicy policy_;
  std::uint16_t port_ = 0;

  // Entered by the I/O thread only, but for posting. The context outlives what it drives.
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  tcp::acceptor acceptor_{io_};
  asio::steady_timer pause_{io_};
  asio::steady_timer deadline_{io_};
  websocket::Endpoint endpoint_;

  // The I/O thread's.
  ConnectionHandler* handler_ = nullptr;
  std::set<std::shared_ptr<Peer>> peers_;
  std::shared_ptr<std::size_t> sockets_ = std::make_shared<std::size_t>(0);
  std::size_t admitted_ = 0;  // WebSockets among them
  bool stopping_ = false;
};

Result<std::unique_ptr<WebSocketTransport>> WebSocketTransport::listen(WebSocketOptions options) {
  auto server = std::make_unique<Server>(std::move(options));
  if (Status status = server->listen(); !status) return status.error();
  return std::unique_ptr<WebSocketTransport>(new WebSocketTransport(std::move(server)));
}

WebSocketTransport::WebSocketTransport(std::unique_ptr<Server> server)
    : server_(std::move(server)) {}

WebSocketTransport::~WebSocketTransport() = default;

std::uint16_t WebSocketTransport::port() const { return server_->port(); }

Status WebSocketTransport::run(ConnectionHandler& handler) { return server_->run(handler); }

void WebSocketTransport::stop() { server_->stop(); }

}  // namespace callslip
