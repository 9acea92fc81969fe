// PortStream: the bytes of one connection of the port, plain or through TLS; what a Beast parser
// and websocketpp alike read from and write to.
//
// On the I/O thread only (while a TLS handshake runs: on that thread only, see move_to). Owned by
// the connection that it carries; handlers that are given to it keep that owner. At most one read
// and one write at a time.
//
// Also compiled as C++17.
#pragma once

#include <array>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace callslip::port {

namespace asio = boost::asio;
using boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Executor = asio::io_context::executor_type;  // not any_io_executor: that costs at each step
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

class PortStream {
 public:
  using executor_type = Executor;
  using TlsStream = asio::ssl::stream<Socket&>;

  explicit PortStream(Socket socket) : socket_(std::move(socket)), hold_(socket_.get_executor()) {}
  PortStream(const PortStream&) = delete;
  PortStream& operator=(const PortStream&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }
  Socket& socket() { return socket_; }

  /// From now on, TLS; the handshake is the caller's.
  void secure(asio::ssl::context& context);
  TlsStream& tls() { return *tls_; }
  /// Plain again: for telling a peer that does not speak TLS.
  void make_plain() { tls_.reset(); }
  bool is_secure() const { return tls_ != nullptr; }

  /// Continues on another context's thread. Nothing may be outstanding. False: the socket is gone.
  bool move_to(asio::io_context& io);

  /// Bytes that the next reads find before those of the network.
  void unread(std::string bytes) { unread_ = std::move(bytes); }

  /// Reads that begin before then wait until then: a peer that sends too much is read slowly.
  void hold_reads(Clock::time_point until) { held_until_ = until; }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (held_until_ != Clock::time_point{} && Clock::now() < held_until_) {
      hold_.expires_at(held_until_);
      hold_.async_wait(
          [this, buffers, held = std::forward<Handler>(handler)](const ErrorCode& error) mutable {
            if (error) return held(error, std::size_t{0});
            read_now(buffers, std::move(held));
          });
      return;
    }
    read_now(buffers, std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) {
      tls_->async_write_some(buffers, std::forward<Handler>(handler));
    } else {
      socket_.async_write_some(buffers, std::forward<Handler>(handler));
    }
  }

  /// What is outstanding ends with operation_aborted.
  void cancel();

  /// Cuts the line.
  void close();

  /// Ends our side in good order and, so that the kernel sends no reset while the peer is still
  /// sending and the peer reads our last words, reads on until the peer has ended too, for at most
  /// two seconds; then closes. `owner` is kept until then. What is outstanding is cancelled.
  void finish(std::shared_ptr<void> owner);

  /// What this connection takes up: of those that are served (given back when it ends), and of the
  /// sockets (given back when it is gone).
  std::shared_ptr<void> place;
  std::shared_ptr<void> slot;

 private:
  struct Linger {
    explicit Linger(const Executor& executor) : timer(executor) {}
    Timer timer;
    std::array<char, 4096> scratch{};
  };

  template <class Buffers, class Handler>
  void read_now(const Buffers& buffers, Handler&& handler) {
    if (!unread_.empty()) {
      const std::size_t taken = asio::buffer_copy(buffers, asio::buffer(unread_));
      unread_.erase(0, taken);
      asio::post(socket_.get_executor(),
                 boost::beast::bind_handler(std::forward<Handler>(handler), ErrorCode(), taken));
    } else if (tls_) {
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    } else {
      socket_.async_read_some(buffers, std::forward<Handler>(handler));
    }
  }

  void say_goodbye(const std::shared_ptr<void>& owner);
  void end_sending(const std::shared_ptr<void>& owner);
  void discard(const std::shared_ptr<void>& owner);

  Socket socket_;
  std::unique_ptr<TlsStream> tls_;  // refers to socket_
  std::string unread_;
  Clock::time_point held_until_{};
  Timer hold_;
  std::unique_ptr<Linger> linger_;
};

}  // namespace callslip::port
