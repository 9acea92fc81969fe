#include "plugin/http/websocket_acceptor.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "plugin/http/websocket_config.h"
#include "plugin/http/websocket_peer.h"

namespace callslip::port {

namespace ws = websocketpp;
using websocket::Peer;
using websocket::WireConnection;
using websocket::WireMessage;

class WebSocketAcceptor::Server {
 public:
  Server(asio::io_context& io, const PortOptions& options, const AccessControl& access,
         ClientLimits& limits, PortMetrics& metrics)
      : options_(options), access_(access), io_(io), limits_(limits), metrics_(metrics) {
    // The library's byte order test writes a static on its first call; here it is not raced for.
    [[maybe_unused]] static const uint64_t primed = ws::lib::net::_htonll(1);
    endpoint_.init_asio(&io_);
    endpoint_.set_user_agent("callslip");
    endpoint_.set_max_message_size(options_.max_message_bytes);
    endpoint_.set_open_handshake_timeout(static_cast<long>(options_.head_timeout.count()));
    endpoint_.set_close_handshake_timeout(static_cast<long>(options_.drain_timeout.count()));
    endpoint_.set_validate_handler([this](auto handle) {
      select_subprotocol(*connection(handle));
      return true;
    });
    endpoint_.set_open_handler([this](auto handle) { opened(connection(handle)); });
    endpoint_.set_close_handler([this](auto handle) { closed(*connection(handle)); });
    endpoint_.set_message_handler(
        [this](auto handle, auto message) { received(*connection(handle), *message); });
    endpoint_.set_ping_handler([this](auto handle, std::string payload) {
      pinged(*connection(handle), std::move(payload));
      return false;  // the library's own pong would not be counted
    });
  }

  ~Server() {
    for (const std::shared_ptr<Peer>& peer : peers_) peer->retire();
  }

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void serve(ConnectionHandler& handler, std::function<void()> on_gone) {
    handler_ = &handler;
    on_gone_ = std::move(on_gone);
  }

  void accept(Upgrade upgrade) {
    const std::shared_ptr<WireConnection> accepted = endpoint_.get_connection();
    if (!accepted) return;
    accepted->adopt(std::move(upgrade.stream));
    accepted->principal = std::move(upgrade.principal);
    accepted->client = std::move(upgrade.client);
    accepted->start();
  }

  void finish() {
    stopping_ = true;
    const std::set<std::shared_ptr<Peer>> all = peers_;  // one may go meanwhile
    for (const std::shared_ptr<Peer>& peer : all) {
      peer->finish(ws::close::status::going_away, "server is stopping");
    }
  }

  bool empty() const { return peers_.empty(); }

  void check_admissions() {
    const std::set<std::shared_ptr<Peer>> all = peers_;  // one may go meanwhile
    for (const std::shared_ptr<Peer>& peer : all) still_admitted(*peer);
  }

  void drop_all() {
    for (const std::shared_ptr<Peer>& peer : std::exchange(peers_, {})) {
      peer->drop();
      peer->retire();
      handler_->on_close(peer);
    }
  }

 private:
  std::shared_ptr<WireConnection> connection(const ws::connection_hdl& handle) {
    return endpoint_.get_con_from_hdl(handle);
  }

  static void select_subprotocol(WireConnection& connection) {
    const std::vector<std::string>& offered = connection.get_requested_subprotocols();
    if (std::find(offered.begin(), offered.end(), "mcp") != offered.end()) {
      connection.select_subprotocol("mcp");
    }
  }

  void opened(const std::shared_ptr<WireConnection>& connection) {
    connection->counted = std::make_shared<Counted>(metrics_.websocket);
    metrics_.websocket_opened.add();
    connection->peer = std::make_shared<Peer>(io_, connection, options_.max_send_buffer_bytes,
                                              metrics_.websocket_out);
    peers_.insert(connection->peer);
    handler_->on_open(connection->peer);
    if (stopping_) connection->peer->finish(ws::close::status::going_away, "server is stopping");
  }

  /// A client that sends too fast is read more slowly; one that has sent far too much already is
  /// sent away. False: it was.
  bool within_rate(WireConnection& connection) {
    const auto now = Clock::now();
    const std::chrono::milliseconds debt = limits_.owe_request(connection.client, now);
    if (debt.count() == 0) return true;
    if (debt <= limits_.longest_debt()) {
      connection.get_socket().hold_reads(now + debt);
      return true;
    }
    ws::lib::error_code closing_already;
    connection.close(ws::close::status::policy_violation,
                     "too many messages a second of this client; send more slowly",
                     closing_already);
    if (!closing_already) metrics_.refused("rate");
    return false;
  }

  bool still_admitted(Peer& peer) {
    if (access_.still_admits(peer.principal())) return true;
    metrics_.refused("access");
    peer.finish(ws::close::status::policy_violation, "the token is no longer valid");
    return false;
  }

  void received(WireConnection& connection, WireMessage& message) {
    metrics_.messages_in.add();
    metrics_.websocket_in.add(message.get_payload().size());
    if (!connection.peer || !still_admitted(*connection.peer) || !within_rate(connection)) return;
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

  void pinged(WireConnection& connection, std::string payload) {
    if (connection.peer && within_rate(connection)) connection.peer->pong(std::move(payload));
  }

  void closed(WireConnection& connection) {
    connection.get_socket().place.reset();
    connection.counted.reset();
    if (connection.get_local_close_code() == ws::close::status::message_too_big) {
      metrics_.refused("message_size");
    }
    const std::shared_ptr<Peer> peer = std::exchange(connection.peer, nullptr);
    if (!peer || peers_.erase(peer) == 0) return;
    peer->retire();
    handler_->on_close(peer);
    if (on_gone_) on_gone_();
  }

  // Constant.
  const PortOptions& options_;
  const AccessControl& access_;
  asio::io_context& io_;
  ClientLimits& limits_;
  PortMetrics& metrics_;
  ConnectionHandler* handler_ = nullptr;  // from serve() on
  std::function<void()> on_gone_;

  websocket::Endpoint endpoint_;
  std::set<std::shared_ptr<Peer>> peers_;
  bool stopping_ = false;
};

WebSocketAcceptor::WebSocketAcceptor(asio::io_context& io, const PortOptions& options,
                                     const AccessControl& access, ClientLimits& limits,
                                     PortMetrics& metrics)
    : server_(std::make_unique<Server>(io, options, access, limits, metrics)) {}

WebSocketAcceptor::~WebSocketAcceptor() = default;

void WebSocketAcceptor::serve(ConnectionHandler& handler, std::function<void()> on_gone) {
  server_->serve(handler, std::move(on_gone));
}

void WebSocketAcceptor::accept(Upgrade upgrade) { server_->accept(std::move(upgrade)); }

void WebSocketAcceptor::check_admissions() { server_->check_admissions(); }

void WebSocketAcceptor::finish() { server_->finish(); }

bool WebSocketAcceptor::empty() const { return server_->empty(); }

void WebSocketAcceptor::drop_all() { server_->drop_all(); }

}  // namespace callslip::port
