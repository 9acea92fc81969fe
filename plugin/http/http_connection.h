// HttpConnection: HTTP/1.1 on one connection of the port, one request after another, until the
// peer closes, a bound is hit, or a WebSocket handshake takes the stream over.
//
// The I/O thread only. Kept by the port's set and by what is outstanding. Requests that come before
// the last was answered wait in the buffer. While an answer is awaited, reading goes on, so that a
// peer that leaves is noticed.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugin/http/body_receiver.h"
#include "plugin/http/http_head.h"
#include "plugin/http/port.h"
#include "plugin/http/response_stream.h"

namespace callslip::port {

/// Who is at the other end.
struct HttpPeer {
  std::string address;
  std::string client;      // the address as a key of ClientLimits
  Room room = Room::free;  // else: one refusal, and no more
};

class HttpConnection final : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(Port& port, std::unique_ptr<PortStream> stream, HttpPeer peer);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void start();

  /// The server stops: closes when the response that is under way has ended; at once without one.
  void finish_soon();

  /// At once.
  void drop();

  /// Ends a stream whose reader would not be let in any more.
  void check_admission();

 private:
  enum class State { idle, head, body, answering, held, closed };

  // Requests, in the order of their steps.
  void await_request();
  void take_head();
  void judge(HttpHead head);
  void route(const Router::Found& found, HttpHead head, Principal principal,
             const std::string& client);
  void expect_body(const HttpHead& head);
  void take_body();
  void write_body();
  void dispatch();
  void hand_over(const HttpHead& head, Principal principal, const std::string& client);

  // Refusals.
  void refuse(HttpResponse response, const char* reason);
  void fail(HttpResponse response, const char* reason);
  void refuse_access(Refusal refusal);
  void refuse_haste(std::chrono::milliseconds wait);
  bool refuse_crowd(const HttpHead& head);
  void answer(HttpResponse response);

  // Responses.
  void pull();
  void begin_response(HttpResponse head, bool whole);
  void send();
  void sent(const ErrorCode& error, std::size_t bytes);
  void end_response();

  void read();
  void received(const ErrorCode& error, std::size_t bytes);
  void peer_ended(const ErrorCode& error);
  void close();
  void leave();

  void set_deadline(Clock::time_point at);
  void set_deadline(Clock::duration time) { set_deadline(Clock::now() + time); }
  void clear_deadline() { deadline_ = Clock::time_point::max(); }
  void deadline_passed();
  void enter_idle();
  void leave_idle();
  void release_body();

  Port& port_;
  std::unique_ptr<PortStream> stream_;
  const HttpPeer peer_;
  const Counted counted_;

  State state_ = State::idle;
  boost::beast::flat_buffer incoming_;  // what is being read; nothing else touches it meanwhile
  boost::beast::flat_buffer buffer_;    // what was read and is not yet taken
  std::size_t seen_ = 0;                // bytes of the buffer in which no head ends
  bool reading_ = false;
  bool peer_ended_ = false;
  bool asked_ = false;  // a whole head has come

  // Of the request.
  std::optional<HttpParser> parser_;
  std::optional<HttpRequest> request_;
  std::unique_ptr<BodyReceiver> body_;
  std::optional<HttpResponse> refusal_;  // to be answered behind the body
  const HttpRoute* route_ = nullptr;
  std::shared_ptr<void> flight_;
  std::size_t counted_bytes_ = 0;  // of the body, in port_.bodies_bytes
  Clock::time_point began_{};
  Clock::time_point body_began_{};
  bool spooling_ = false;  // a piece of the body is being written
  std::string origin_;     // of a page that was let in
  bool http_1_1_ = true;
  bool head_only_ = false;
  bool keep_alive_ = true;

  // Of the response.
  std::shared_ptr<ResponseStream> response_;
  std::vector<std::string> out_;      // to be written
  std::vector<std::string> writing_;  // being written
  std::size_t cost_ = 0;              // of what is in the two
  int status_ = 0;
  bool chunked_ = false;
  bool bodiless_ = false;
  bool begun_ = false;
  bool ended_ = false;
  Clock::duration hold_{};  // before the next request is read

  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point armed_for_ = Clock::time_point::max();
  Timer timer_;
  std::optional<std::list<HttpConnection*>::iterator> idle_at_;
};

}  // namespace callslip::port
