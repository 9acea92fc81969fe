// How websocketpp is set up here, and what of version 0.8.2 is put right. For
// websocket_acceptor.cpp only, which is compiled as C++17.
//
// Everything runs on the port's I/O thread.
#pragma once

#include <boost/asio.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/core.hpp>
#include <websocketpp/logger/stub.hpp>
#include <websocketpp/server.hpp>
#include <websocketpp/transport/asio/endpoint.hpp>

#include "plugin/access/principal.h"
#include "plugin/http/port_stream.h"

namespace callslip::websocket {

namespace asio = boost::asio;
namespace ws = websocketpp;
using port::ErrorCode;
using port::PortStream;

class Peer;

/// What websocketpp calls a socket: here, a stream of the port that has been through a handshake of
/// TLS, if any, and was read from before.
class StreamSocket : public std::enable_shared_from_this<StreamSocket> {
 public:
  // The library's names, here and below. NOLINTBEGIN(readability-identifier-naming)
  using type = StreamSocket;
  using ptr = std::shared_ptr<StreamSocket>;
  // NOLINTEND(readability-identifier-naming)

  /// Before start().
  void adopt(std::unique_ptr<PortStream> stream) { stream_ = std::move(stream); }

  ptr get_shared() { return shared_from_this(); }
  bool is_secure() const { return stream_ && stream_->is_secure(); }
  PortStream& get_socket() { return *stream_; }
  PortStream& get_next_layer() { return *stream_; }
  /// For logs, which are not kept.
  std::string get_remote_endpoint(ws::lib::error_code& error) const {
    error = {};
    return {};
  }

 protected:
  using IoContext = asio::io_service;
  using Strand = std::shared_ptr<asio::io_service::strand>;

  ws::lib::error_code init_asio(IoContext* /*io*/, const Strand& /*strand*/, bool /*server*/) {
    return {};
  }
  void set_uri(const ws::uri_ptr& /*uri*/) {}
  void set_handle(const ws::connection_hdl& /*handle*/) {}
  void pre_init(const ws::transport::init_handler& done) { done({}); }
  void post_init(const ws::transport::init_handler& done) { done({}); }
  ErrorCode cancel_socket() {
    if (stream_) stream_->cancel();
    return {};
  }
  /// The library would close both directions at once; the peer might never read why.
  void async_shutdown(const ws::transport::asio::socket::shutdown_handler& done) {
    stream_->finish(shared_from_this());
    done({});
  }
  ws::lib::error_code get_ec() const { return {}; }

  static ws::lib::error_code translate_ec(const ErrorCode& /*error*/) {
    return ws::transport::error::make_error_code(ws::transport::error::pass_through);
  }

 private:
  std::unique_ptr<PortStream> stream_;
};

/// What websocketpp asks of the maker of its sockets.
class SocketPolicy {
 public:
  // NOLINTBEGIN(readability-identifier-naming)
  using type = SocketPolicy;
  using socket_con_type = StreamSocket;
  using socket_con_ptr = StreamSocket::ptr;
  // NOLINTEND(readability-identifier-naming)

  bool is_secure() const { return false; }

 protected:
  ws::lib::error_code init(const socket_con_ptr& /*socket*/) { return {}; }
};

/// What we keep with each of websocketpp's connections.
struct ConnectionState {
  std::shared_ptr<Peer> peer;  // from the opening on
  Principal principal;
  std::string client;             // a key of ClientLimits
  std::shared_ptr<void> counted;  // among the open ones
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
  static const std::size_t max_http_body_size = std::size_t{64} << 10U;

  // The library's name for it. NOLINTNEXTLINE(readability-identifier-naming)
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

}  // namespace callslip::websocket

namespace websocketpp {

/// Only the version that became the RFC: the drafts' processors have no limit on a message's size.
template <>
inline lib::error_code connection<callslip::websocket::WireConfig>::initialize_processor() {
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
inline lib::error_code
processor::hybi13<callslip::websocket::WireConfig>::validate_incoming_extended_header(
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
