// HttpConnection: responses, refusals among them, and the end.

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "plugin/http/cors.h"
#include "plugin/http/http_connection.h"
#include "plugin/http/http_response.h"

namespace callslip::port {
namespace {

constexpr std::size_t kIdleRead = std::size_t{2} << 10U;  // thousands may be idle
constexpr std::size_t kBodyRead = std::size_t{16} << 10U;
constexpr std::size_t kMostWritten = std::size_t{64} << 10U;  // at a time
/// What may wait in the buffer while an answer is under way.
constexpr std::size_t kMostAhead = std::size_t{64} << 10U;
/// Of a request that is refused: so much is read and thrown away; beyond, the line is closed.
constexpr std::uint64_t kRefusedBody = std::uint64_t{256} << 10U;
/// Bodies up to this go out in one buffer with their head.
constexpr std::size_t kJoinedBody = std::size_t{32} << 10U;
/// Who asks too fast is read no faster than this.
constexpr std::chrono::milliseconds kHasteHold{250};

std::string in_seconds(std::chrono::milliseconds time) {
  return std::to_string((time.count() + 999) / 1000);
}

}  // namespace

// ---- Refusals.

/// The connection stays, where what is left of the request is soon read.
void HttpConnection::refuse(HttpResponse response, const char* reason) {
  port_.metrics.refused(reason);
  if (!parser_->is_done()) {
    const auto length = parser_->content_length();
    const bool waits = parser_->get().find("Expect") != parser_->get().end();
    if (length && *length <= kRefusedBody && !waits) {
      refusal_ = std::move(response);
      body_ = std::make_unique<BodyReceiver>(*parser_, kRefusedBody, nullptr);
      state_ = State::body;
      body_began_ = began_;
      return take_body();
    }
    keep_alive_ = false;
  }
  answer(std::move(response));
}

/// And closes: what follows cannot be told from the request.
void HttpConnection::fail(HttpResponse response, const char* reason) {
  port_.metrics.refused(reason);
  keep_alive_ = false;
  answer(std::move(response));
}

void HttpConnection::refuse_access(Refusal refusal) {
  HttpResponse response = error_response(refusal.status, refusal.message);
  response.headers = std::move(refusal.headers);
  refuse(std::move(response), "access");
}

void HttpConnection::refuse_haste(std::chrono::milliseconds wait) {
  HttpResponse response = error_response(
      429,
      "more than " +
          std::to_string(static_cast<long>(std::max(1.0, port_.options.max_requests_per_second))) +
          " requests a second of this client; wait, then ask more slowly");
  response.headers = {{"Retry-After", in_seconds(wait)}};
  hold_ = kHasteHold;
  refuse(std::move(response), "rate");
}

bool HttpConnection::refuse_crowd(const HttpHead& head) {
  if (peer_.room == Room::free) return false;
  HttpResponse response;
  const char* reason = "connections";
  if (peer_.room == Room::address_full) {
    response = error_response(429, "this address has " +
                                       std::to_string(port_.options.max_connections_per_address) +
                                       " connections, which is the most; close some");
    reason = "connections_of_address";
  } else {
    const Router::Found found = port_.router.find(head.method, head.path);
    if (found.route != nullptr && found.route->open) return false;  // /healthz is always answered
    response = error_response(503, "all " + std::to_string(port_.options.max_connections) +
                                       " connections are taken; try again later");
  }
  response.headers = {{"Retry-After", "1"}};
  refuse(std::move(response), reason);
  return true;
}

void HttpConnection::check_admission() {
  if (!response_ || !begun_ || port_.access.still_admits(response_->request().principal)) return;
  port_.metrics.refused("access");
  drop();
}

// ---- Responses.

void HttpConnection::answer(HttpResponse response) {
  leave_idle();
  release_body();
  state_ = State::answering;
  begin_response(std::move(response), true);
  ended_ = true;
  send();
}

/// Takes what the route has answered since.
void HttpConnection::pull() {
  if (state_ != State::answering || !response_ || ended_) return;
  // Not at once: who wants to be told that the peer is gone may be in the middle of writing.
  const auto drop_soon = [this] {
    asio::post(port_.io, [self = shared_from_this()] { self->drop(); });
  };
  // Before what is being written is looked at: a peer that reads nothing never lets that end.
  if (response_->take_overflow()) {
    port_.metrics.refused("unread");
    return drop_soon();
  }
  if (!writing_.empty()) return;
  ResponseStream::Batch batch = response_->take();
  if (batch.broken) return drop_soon();
  if (batch.head) begin_response(std::move(*batch.head), batch.whole);
  if (!begun_) return;
  cost_ = batch.cost;
  if (!bodiless_ && chunked_) {
    std::string chunks;
    for (const std::string& piece : batch.pieces) append_chunk(chunks, piece);
    if (batch.ended) chunks += "0\r\n\r\n";
    if (!chunks.empty()) out_.push_back(std::move(chunks));
  } else if (!bodiless_) {
    for (std::string& piece : batch.pieces) out_.push_back(std::move(piece));
  }
  ended_ = batch.ended;
  if (!out_.empty()) return send();
  response_->sent(std::exchange(cost_, 0));
  if (ended_) end_response();
}

void HttpConnection::begin_response(HttpResponse head, bool whole) {
  begun_ = true;
  allow_origin(origin_, head);  // a page that was let in may read everything, refusals too
  status_ = head.status;
  if (port_.stopping) keep_alive_ = false;
  const bool no_body = status_ == 204 || status_ == 304;
  bodiless_ = head_only_ || no_body;
  chunked_ = !whole && http_1_1_ && !no_body;
  Framing framing = Framing::length;
  if (no_body) {
    framing = Framing::none;
  } else if (!whole) {
    framing = http_1_1_ ? Framing::chunked : Framing::close;
    if (!http_1_1_) keep_alive_ = false;
  }
  const bool keep_alive = keep_alive_ && !peer_ended_;
  std::string bytes = response_head(head, framing, head.body.size(), keep_alive, http_1_1_);
  std::string body;
  if (!bodiless_ && chunked_ && !head.body.empty()) {
    append_chunk(body, head.body);
  } else if (!bodiless_) {
    body = std::move(head.body);
  }
  if (body.size() <= kJoinedBody) {
    out_.push_back(std::move(bytes += body));
  } else {
    out_.push_back(std::move(bytes));
    out_.push_back(std::move(body));
  }
}

void HttpConnection::send() {
  if (!writing_.empty() || out_.empty()) return;
  writing_.swap(out_);
  std::vector<asio::const_buffer> buffers;
  buffers.reserve(writing_.size());
  for (const std::string& piece : writing_) buffers.push_back(asio::buffer(piece));
  // Whoever reads anything at all is given more time.
  const auto progress = [this](const ErrorCode& error, std::size_t) -> std::size_t {
    if (error) return 0;
    if (state_ == State::answering) set_deadline(port_.options.send_timeout);
    return kMostWritten;
  };
  asio::async_write(*stream_, buffers, progress,
                    [self = shared_from_this()](const ErrorCode& error, std::size_t bytes) {
                      self->sent(error, bytes);
                    });
}

void HttpConnection::sent(const ErrorCode& error, std::size_t bytes) {
  writing_.clear();
  port_.metrics.http_out.add(bytes);
  if (state_ == State::closed) return;
  if (error) return drop();
  if (response_) response_->sent(std::exchange(cost_, 0));
  if (!out_.empty()) return send();
  if (state_ != State::answering) return;  // "100 Continue"
  clear_deadline();
  if (ended_) return end_response();
  pull();
}

void HttpConnection::end_response() {
  const double took = std::chrono::duration<double>(Clock::now() - began_).count();
  port_.metrics.answered(route_ != nullptr ? route_->path : "-", status_, took);
  flight_.reset();
  if (response_) std::exchange(response_, nullptr)->retire();
  if (!keep_alive_ || peer_ended_ || port_.stopping) return close();
  await_request();
}

// ---- The stream.

void HttpConnection::read() {
  if (reading_ || peer_ended_ || spooling_ || state_ == State::closed || state_ == State::held ||
      buffer_.size() >= port_.options.max_head_bytes + kMostAhead) {
    return;
  }
  reading_ = true;
  const std::size_t size = state_ == State::body ? kBodyRead : kIdleRead;
  // Not into buffer_: heads and bodies are taken from it while a read is under way.
  stream_->async_read_some(incoming_.prepare(size),
                           [self = shared_from_this()](const ErrorCode& error, std::size_t bytes) {
                             self->received(error, bytes);
                           });
}

void HttpConnection::received(const ErrorCode& error, std::size_t bytes) {
  reading_ = false;
  if (state_ == State::closed) return;
  if (error) return peer_ended(error);
  incoming_.commit(bytes);
  buffer_.commit(asio::buffer_copy(buffer_.prepare(bytes), incoming_.data()));
  incoming_.consume(bytes);
  if (state_ != State::body && incoming_.capacity() > kIdleRead) incoming_ = {};
  port_.metrics.http_in.add(bytes);
  switch (state_) {
    case State::idle:
    case State::head:
      return take_head();
    case State::body:
      return take_body();
    default:
      return read();
  }
}

void HttpConnection::peer_ended(const ErrorCode& error) {
  peer_ended_ = true;
  if (error == asio::error::eof && state_ == State::answering) {
    // It may have ended its own direction only. A stream that goes on for ever has no such reader.
    if (ended_) return;
    if (response_) response_->tell_gone();
    if (!begun_ || state_ != State::answering) return;
  }
  drop();
}

void HttpConnection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  timer_.cancel();
  const auto self = shared_from_this();
  stream_->finish(self);
  leave();
}

void HttpConnection::drop() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  timer_.cancel();
  const auto self = shared_from_this();
  stream_->close();
  stream_->place.reset();
  leave();
}

void HttpConnection::leave() {
  leave_idle();
  release_body();
  body_.reset();
  flight_.reset();
  if (!asked_) port_.limits.owe_request(peer_.client, Clock::now());
  if (response_) {
    response_->tell_gone();
    std::exchange(response_, nullptr)->retire();
  }
  port_.connections.erase(shared_from_this());
  if (port_.on_connection_gone) port_.on_connection_gone();
}

// ---- Time.

/// The timer is touched only where it would fire too late: setting it costs more than looking.
void HttpConnection::set_deadline(Clock::time_point at) {
  deadline_ = at;
  if (armed_for_ <= at) return;
  armed_for_ = at;
  timer_.expires_at(at);
  timer_.async_wait([weak = weak_from_this()](const ErrorCode& cancelled) {
    const auto self = weak.lock();
    if (self && !cancelled) self->deadline_passed();
  });
}

void HttpConnection::deadline_passed() {
  armed_for_ = Clock::time_point::max();
  if (deadline_ == Clock::time_point::max() || state_ == State::closed) return;
  if (Clock::now() < deadline_) return set_deadline(deadline_);
  clear_deadline();
  switch (state_) {
    case State::idle:
      return close();
    case State::held:
      leave_idle();
      return await_request();
    case State::head:
      return fail(error_response(408, "the head of the request did not arrive within " +
                                          in_seconds(port_.options.head_timeout) + " seconds"),
                  "head_time");
    case State::body:
      return fail(error_response(408, "the body of the request arrives too slowly"), "body_time");
    case State::answering:
      port_.metrics.refused("unread");
      return drop();
    case State::closed:
      return;
  }
}

void HttpConnection::enter_idle() {
  leave_idle();
  idle_at_ = port_.idle.insert(port_.idle.end(), this);
}

void HttpConnection::leave_idle() {
  if (!idle_at_) return;
  port_.idle.erase(*idle_at_);
  idle_at_.reset();
}

}  // namespace callslip::port
