// How websocketpp is set up here, and what of version 0.8.2 is put right. For
// websocket_transport.cpp only, which is compiled as C++17.
//
// Everything runs on the transport's I/O thread.
#pragma once

#include <array>
#include <boost/asio.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/core.hpp>
#include <websocketpp/logger/stub.hpp>
#include <websocketpp/server.hpp>
#include <websocketpp/transport/asio/endpoint.hpp>

#include "plugin/access/principal.h"

namespace callslip::websocket {

namespace asio = boost::asio;
namespace ws = websocketpp;
using boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;

class Peer;

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

/// What we keep with each of websocketpp's connections.
struct ConnectionState {
  std::shared_ptr<Peer> peer;  // from the opening on
  std::shared_ptr<void> slot;  // given back when the socket is gone, lingering included
  Principal principal;         // from the handshake on
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
