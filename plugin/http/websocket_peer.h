// Peer: the Connection that the protocol core sees of a WebSocket. For websocket_acceptor.cpp
// only, which is compiled as C++17.
//
// send() and close(): any thread; they queue, and the I/O thread hands over. Workers may hold a
// peer for longer than the port lives: once retired, it touches nothing but itself.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "plugin/http/websocket_config.h"
#include "plugin/metrics.h"
#include "plugin/transports/transport.h"

namespace callslip::websocket {

/// What a queued frame costs besides its text, so that many empty ones have a bound too.
constexpr std::size_t frame_overhead_bytes = 256;

class Peer final : public Connection, public std::enable_shared_from_this<Peer> {
 public:
  Peer(asio::io_context& io, const std::shared_ptr<WireConnection>& connection,
       std::size_t max_unread_bytes, Counter& bytes_out)
      : io_(io),
        connection_(connection),
        principal_(connection->principal),
        max_unread_bytes_(max_unread_bytes),
        bytes_out_(bytes_out),
        io_thread_(std::this_thread::get_id()) {}

  const Principal& principal() const override { return principal_; }

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
    if (const auto connection = connection_.lock()) connection->get_socket().close();
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
    bytes_out_.add(payload.size());
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
  const Principal principal_;
  const std::size_t max_unread_bytes_;
  Counter& bytes_out_;  // the I/O thread's use of it
  const std::thread::id io_thread_;

  std::atomic<std::size_t> unread_bytes_{0};  // queued here, in websocketpp, or being written

  std::mutex mutex_;  // guards what follows
  std::deque<std::string> outbox_;
  bool flush_scheduled_ = false;
  bool closing_ = false;
  bool overflowed_ = false;
  bool retired_ = false;
};

}  // namespace callslip::websocket
