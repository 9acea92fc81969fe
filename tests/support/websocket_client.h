// WebSocketClient: a small client over Boost.Beast that can also misbehave.
//
// Belongs to one thread. Every wait is bounded; a failure is an ErrorCode to look at, or nothing.
#pragma once

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callslip::testing_support {

class WebSocketClient {
 public:
  using ErrorCode = boost::system::error_code;

  using Headers = std::vector<std::pair<std::string, std::string>>;

  /// `headers` are added to those of a client that offers `mcp`, or take their place.
  explicit WebSocketClient(std::uint16_t port, const Headers& headers = {}) : socket_(io_) {
    namespace websocket = boost::beast::websocket;
    socket_.next_layer().connect({boost::asio::ip::address_v4::loopback(), port}, error_);
    if (error_) return;
    socket_.set_option(
        websocket::stream_base::decorator([&headers](websocket::request_type& request) {
          request.set(boost::beast::http::field::sec_websocket_protocol, "mcp");
          for (const auto& [name, value] : headers) request.set(name, value);
        }));
    socket_.async_handshake(answer_, "127.0.0.1:" + std::to_string(port), "/mcp",
                            [this](const ErrorCode& error) { error_ = error; });
    if (!run()) error_ = boost::asio::error::timed_out;
  }

  /// The last failure; none: connected.
  const ErrorCode& error() const { return error_; }

  /// The status of the handshake's answer: 101, or a refusal.
  unsigned status() const { return answer_.result_int(); }
  /// The subprotocol that was chosen.
  std::string subprotocol() const {
    return std::string(answer_[boost::beast::http::field::sec_websocket_protocol]);
  }

  /// False when the peer has gone. Incoming control frames are handled by receive() only.
  bool send(std::string_view message, bool as_text = true) {
    socket_.text(as_text);
    error_ = {};
    socket_.async_write(boost::asio::buffer(message),
                        [this](const ErrorCode& error, std::size_t) { error_ = error; });
    if (!run()) error_ = boost::asio::error::timed_out;
    return !error_;
  }

  /// The next message; nothing, and error(), when the peer closed or none came in time.
  std::optional<std::string> receive() {
    boost::beast::flat_buffer buffer;
    error_ = {};
    socket_.async_read(buffer, [this](const ErrorCode& error, std::size_t) { error_ = error; });
    if (!run()) error_ = boost::asio::error::timed_out;
    if (error_) return std::nullopt;
    return boost::beast::buffers_to_string(buffer.data());
  }

  /// The code that the peer closed with; 0: it did not.
  int close_code() const { return socket_.reason().code; }

  /// Ends without a word: no close frame, and a reset instead of the TCP farewell.
  void vanish() {
    ErrorCode ignored;
    socket_.next_layer().set_option(boost::asio::socket_base::linger(true, 0), ignored);
    socket_.next_layer().close(ignored);
  }

  /// Past the protocol: bytes on the wire.
  bool send_raw(std::string_view bytes) {
    boost::asio::write(socket_.next_layer(), boost::asio::buffer(bytes), error_);
    return !error_;
  }

 private:
  /// False when the time was up; then the connection is of no more use.
  bool run() {
    io_.restart();
    io_.run_for(std::chrono::seconds(60));
    if (io_.stopped()) return true;
    vanish();
    io_.run();
    return false;
  }

  boost::asio::io_context io_;
  ErrorCode error_;
  boost::beast::websocket::response_type answer_;
  boost::beast::websocket::stream<boost::asio::ip::tcp::socket> socket_;
};

}  // namespace callslip::testing_support
