#include "plugin/websocket_transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio.hpp>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/core.hpp>
#include <websocketpp/logger/stub.hpp>
#include <websocketpp/server.hpp>
#include <websocketpp/transport/asio/endpoint.hpp>

#include "plugin/access_policy.h"

namespace callslip {
namespace {

namespace asio = boost::asio;
namespace ws = websocketpp;
using boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;

/// What a queued frame costs besides its text, so that many empty ones have a bound too.
constexpr std::size_t frame_overhead_bytes = 256;
/// Sockets beyond max_connections that may be in the middle of a request: they get an answer (503,
/// or /healthz) rather than silence.
constexpr std::size_t spare_sockets = 64;

/// How long a connection that has ended may linger, see below.
constexpr std::chrono::seconds linger_time{2};

/// websocketpp shuts down both directions and closes. While the peer is still sending (an oversized
/// message, say) the kernel then answers with a reset, and the peer may lose the close frame that
/// says why. This one ends its own direction and, behind the library's back, reads on until the
/// peer has closed too or the time is up.
class LingeringSocket : public ws::transport::asio::basic_socket::connection {
 protected:
  void async_shutdown(const ws::transport::asio::socket::shutdown_handler& done) {
    ErrorCode error;
    get_socket().shutdown(tcp::socket::shutdown_send, error);
    if (!error) {
      linger_ = std::make_unique<Linger>(get_socket().get_executor());
      linger_->timer.expires_after(linger_time);
      linger_->timer.async_wait([this, self = get_shared()](const ErrorCode& cancelled) {
        ErrorCode ignored;
        if (!cancelled) get_socket().close(ignored);
      });
      discard();
    }
    done(error);
  }

 private:
  struct Linger {
    explicit Linger(const tcp::socket::executor_type& executor) : timer(executor) {}
    asio::steady_timer timer;
    std::array<char, 16384> scratch{};
  };

  void discard() {
    get_socket().async_read_some(asio::buffer(linger_->scratch),
                                 [this, self = get_shared()](const ErrorCode& error, std::size_t) {
                                   if (!error) return discard();
                                   linger_->timer.cancel();
                                 });
  }

  std::unique_ptr<Linger> linger_;
};

struct SocketPolicy : ws::transport::asio::basic_socket::endpoint {
  using socket_con_type = LingeringSocket;
  using socket_con_ptr = std::shared_ptr<LingeringSocket>;
};

class Peer;

/// What we keep with each of websocketpp's connections.
struct ConnectionState {
  std::shared_ptr<Peer> peer;  // from the opening on
  std::shared_ptr<void> slot;  // given back when the socket is gone, lingering included
  bool admitted = false;       // counts against max_connections
};

/// One thread, so no locks; no log, because stdout and stderr are not the library's; no compression
/// (it corrupts data: upstream issue 1144).
struct WireConfig : ws::config::core {
  using type = WireConfig;
  using concurrency_type = ws::concurrency::none;
  using alog_type = ws::log::stub;
  using elog_type = ws::log::stub;
  using connection_base = ConnectionState;
  static const bool enable_multithreading = false;
  static const std::size_t max_http_body_size = 64 * 1024;

  struct transport_config : ws::config::core::transport_config {
    using concurrency_type = WireConfig::concurrency_type;
    using alog_type = WireConfig::alog_type;
    using elog_type = WireConfig::elog_type;
    using request_type = WireConfig::request_type;
    using response_type = WireConfig::response_type;
    using socket_type = SocketPolicy;
    static const bool enable_multithreading = false;
  };
  using transport_type = ws::transport::asio::endpoint<transport_config>;
};

using Endpoint = ws::server<WireConfig>;
using WireConnection = Endpoint::connection_type;
using WireMessage = WireConfig::message_type;

}  // namespace
}  // namespace callslip

namespace websocketpp {

/// Only the version that became the RFC: the drafts' processors have no limit on a message's size.
template <>
lib::error_code connection<callslip::WireConfig>::initialize_processor() {
  if (!processor::is_websocket_handshake(m_request)) return {};
  if (processor::get_websocket_version(m_request) != 13) {
    m_response.set_status(http::status_code::upgrade_required);
    m_response.replace_header("Sec-WebSocket-Version", "13");
    return error::make_error_code(error::unsupported_version);
  }
  m_processor = get_processor(13);
  return {};
}

/// 0.8.2 adds a continuation's length to what it has before comparing with the limit. A length near
/// 2^64 makes the sum wrap, after which nothing bounds the message. RFC 6455 forbids lengths above
/// 2^63 - 1; enforcing that is enough.
template <>
lib::error_code processor::hybi13<callslip::WireConfig>::validate_incoming_extended_header(
    frame::basic_header header, frame::extended_header extended) const {
  const uint8_t size_class = frame::get_basic_size(header);
  const uint64_t size = frame::get_payload_size(header, extended);
  if (size > frame::limits::payload_size_jumbo) {
    return error::make_error_code(error::message_too_big);
  }
  if ((size_class == frame::payload_size_code_16bit && size <= frame::limits::payload_size_basic) ||
      (size_class == frame::payload_size_code_64bit &&
       size <= frame::limits::payload_size_extended)) {
    return error::make_error_code(error::non_minimal_encoding);
  }
  return {};
}

}  // namespace websocketpp

namespace callslip {
namespace {

/// The Connection that the protocol core sees. Workers may hold it longer than the transport lives:
/// once retired, it touches nothing but itself.
class Peer final : public Connection, public std::enable_shared_from_this<Peer> {
 public:
  Peer(asio::io_context& io, const std::shared_ptr<WireConnection>& connection,
       std::size_t max_unread_bytes)
      : io_(io),
        connection_(connection),
        max_unread_bytes_(max_unread_bytes),
        io_thread_(std::this_thread::get_id()) {}

  void send(std::string message) override {
    std::unique_lock<std::mutex> lock(mutex_);
    if (retired_ || closing_ || overflowed_) return;
    if (!reserve(message.size())) {
      overflowed_ = true;
    } else {
      outbox_.push_back(std::move(message));
    }
    schedule_flush(lock);
  }

  void close() override {
    std::unique_lock<std::mutex> lock(mutex_);
    if (retired_ || closing_) return;
    closing_ = true;
    schedule_flush(lock);
  }

  // The I/O thread only.

  void pong(std::string payload) {
    const std::shared_ptr<WireConnection> connection = connection_.lock();
    if (!connection) return;
    if (!reserve(payload.size())) return drop();
    transmit(*connection, ws::frame::opcode::pong, std::move(payload));
  }

  /// Closes behind everything that was sent.
  void finish(ws::close::status::value code, const std::string& reason) {
    flush();
    ws::lib::error_code ignored;  // closing already
    if (const auto connection = connection_.lock()) connection->close(code, reason, ignored);
  }

  /// Cuts the line: for peers that read nothing, a close frame among it.
  void drop() {
    ErrorCode ignored;
    if (const auto connection = connection_.lock()) connection->get_raw_socket().close(ignored);
  }

  void retire() {
    const std::lock_guard<std::mutex> lock(mutex_);
    retired_ = true;
    outbox_.clear();
  }

 private:
  /// Accounts for a frame until it is written or thrown away. One frame of any size may wait.
  bool reserve(std::size_t text_bytes) {
    const std::size_t bytes = text_bytes + frame_overhead_bytes;
    const std::size_t unread = unread_bytes_.fetch_add(bytes);
    if (unread == 0 || unread + bytes <= max_unread_bytes_) return true;
    unread_bytes_ -= bytes;
    return false;
  }

  void schedule_flush(std::unique_lock<std::mutex>& lock) {
    if (std::exchange(flush_scheduled_, true)) return;
    if (std::this_thread::get_id() == io_thread_) {
      lock.unlock();
      flush();
    } else {
      // Under the lock, so that the io_context is there: retire() waits for it.
      asio::post(io_, [self = shared_from_this()] { self->flush(); });
    }
  }

  void flush() {
    std::deque<std::string> batch;
    bool closing = false;
    bool overflowed = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      flush_scheduled_ = false;
      batch.swap(outbox_);
      closing = closing_;
      overflowed = overflowed_;
    }
    const std::shared_ptr<WireConnection> connection = connection_.lock();
    if (!connection) return;
    if (overflowed) return drop();
    for (std::string& text : batch) {
      transmit(*connection, ws::frame::opcode::text, std::move(text));
    }
    ws::lib::error_code ignored;  // closing already
    if (closing) connection->close(ws::close::status::normal, "", ignored);
  }

  /// A frame that is marked as prepared goes out as it is: neither copied nor validated byte by
  /// byte, which doubles the cost of an 8 KB answer.
  void transmit(WireConnection& connection, ws::frame::opcode::value opcode, std::string payload) {
    const std::size_t bytes = payload.size() + frame_overhead_bytes;
    const std::shared_ptr<WireMessage> message(
        new WireMessage(nullptr, opcode, 0), [self = shared_from_this(), bytes](WireMessage* done) {
          delete done;
          self->unread_bytes_ -= bytes;
        });
    message->set_header(
        ws::frame::prepare_header(ws::frame::basic_header(opcode, payload.size(), true, false),
                                  ws::frame::extended_header(payload.size())));
    message->get_raw_payload() = std::move(payload);
    message->set_prepared(true);
    connection.send(message);  // fails when the peer is going: nobody is left to tell
  }

  // Constant.
  asio::io_context& io_;
  const std::weak_ptr<WireConnection> connection_;
  const std::size_t max_unread_bytes_;
  const std::thread::id io_thread_;

  std::atomic<std::size_t> unread_bytes_{0};  // queued here, in websocketpp, or being written

  std::mutex mutex_;  // guards what follows
  std::deque<std::string> outbox_;
  bool flush_scheduled_ = false;
  bool closing_ = false;
  bool overflowed_ = false;
  bool retired_ = false;
};

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
  Endpoint endpoint_;

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
