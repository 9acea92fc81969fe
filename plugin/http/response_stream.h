// ResponseStream: the HttpExchange behind which a connection of the port stands. It collects what
// a route answers, in order; the connection takes it from there, batch by batch.
//
// HttpExchange's calls: any thread. The rest: the I/O thread. Workers may hold an exchange for
// longer than the port lives: once retired, it touches nothing but itself.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "plugin/http/http_exchange.h"

namespace callslip::port {

class ResponseStream final : public HttpExchange,
                             public std::enable_shared_from_this<ResponseStream> {
 public:
  /// `wake` is called on the I/O thread when there is something to take. `body_file` is kept.
  ResponseStream(boost::asio::io_context& io, HttpRequest request, std::shared_ptr<void> body_file,
                 std::size_t max_unread_bytes, std::function<void()> wake);

  const HttpRequest& request() const override { return request_; }
  void respond(HttpResponse response) override;
  void start(HttpResponse head) override;
  void write(std::string piece) override;
  void end() override;
  void on_gone(std::function<void()> gone) override;

  /// What a route is given. When it is let go of before the response has ended, nothing more can
  /// come: an error is answered, or the line is cut.
  std::shared_ptr<HttpExchange> handle();

  struct Batch {
    std::optional<HttpResponse> head;
    bool whole = false;               // `head` has all of the body
    std::vector<std::string> pieces;  // of the body
    std::size_t cost = 0;             // for sent()
    bool ended = false;
    bool broken = false;  // the peer reads too slowly, or the route has let go
  };
  Batch take();

  /// True once, when more was written than the peer may leave unread.
  bool take_overflow();

  /// A batch has been written, or thrown away.
  void sent(std::size_t cost);

  /// The peer has closed: tells who asked to be told.
  void tell_gone();

  /// The connection has ended, or the response has.
  void retire();

 private:
  void begin(std::unique_lock<std::mutex>& lock, HttpResponse head, bool whole);
  void abandon();
  void schedule(std::unique_lock<std::mutex>& lock);
  void run_wake();

  // Constant.
  boost::asio::io_context& io_;
  const HttpRequest request_;
  const std::size_t max_unread_bytes_;
  const std::thread::id io_thread_;
  const std::shared_ptr<void> body_file_;

  std::mutex mutex_;  // guards what follows
  std::function<void()> wake_;
  std::optional<HttpResponse> head_;
  std::vector<std::string> pieces_;
  std::function<void()> gone_;
  std::size_t unread_bytes_ = 0;  // of pieces: queued here or being written
  std::size_t queued_cost_ = 0;   // of pieces_
  bool whole_ = false;
  bool begun_ = false;
  bool ended_ = false;
  bool overflowed_ = false;
  bool broken_ = false;
  bool peer_gone_ = false;
  bool retired_ = false;
  bool wake_scheduled_ = false;
};

}  // namespace callslip::port
