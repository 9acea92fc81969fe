// HttpConnection: bodies of requests.

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "plugin/http/http_connection.h"
#include "plugin/http/http_response.h"

namespace callslip::port {
namespace {

/// What more may be in the buffer than a body takes at once: the line that begins a chunk.
constexpr std::size_t kMostChunkHead = std::size_t{16} << 10U;

std::string too_large(std::uint64_t most) {
  return "the body of this request may have " + std::to_string(most) + " bytes at most";
}

}  // namespace

/// Leaves State::body behind; another state where the body was refused.
void HttpConnection::expect_body(const HttpHead& head) {
  const PortOptions& options = port_.options;
  std::uint64_t most = route_->max_body != 0 ? route_->max_body : options.max_message_bytes;
  if (route_->body_to_file && route_->max_body == 0) most = BodyReceiver::kAnySize;
  if (head.content_length.value_or(0) > most) {
    return refuse(error_response(413, too_large(most)), "body_size");
  }
  std::shared_ptr<BodyFile> file;
  if (route_->body_to_file && head.has_body) {
    auto created = BodyFile::create(options.spool_directory);
    if (!created) {
      return fail(error_response(500, "keeping the body: " + created.error().message), "body_file");
    }
    file = std::move(created).value();
  }
  body_ = std::make_unique<BodyReceiver>(*parser_, most, std::move(file));
  state_ = State::body;
  body_began_ = began_;
  if (head.expects_continue && head.has_body && buffer_.size() == 0) {
    out_.emplace_back("HTTP/1.1 100 Continue\r\n\r\n");
    send();
  }
}

void HttpConnection::take_body() {
  if (spooling_) return;
  const BodyReceiver::State state = body_->feed(buffer_);
  const std::size_t kept = body_->in_memory();
  port_.bodies_bytes += kept - counted_bytes_;
  counted_bytes_ = kept;
  switch (state) {
    case BodyReceiver::State::needs_more:
      break;
    case BodyReceiver::State::needs_writing:
      return write_body();
    case BodyReceiver::State::too_large:
      return fail(error_response(413, "the body of this request is larger than may be"),
                  "body_size");
    case BodyReceiver::State::malformed:
      return fail(error_response(400, "the body is not chunked as HTTP/1.1 has it"), "malformed");
    case BodyReceiver::State::complete:
      if (body_->file() && kept > 0) return write_body();
      if (refusal_) return answer(*std::exchange(refusal_, std::nullopt));
      return dispatch();
  }
  if (port_.bodies_bytes > port_.options.max_bodies_bytes) {
    HttpResponse response =
        error_response(503, "too many bytes of requests are on their way here; try again later");
    response.headers = {{"Retry-After", "1"}};
    return fail(std::move(response), "bodies");
  }
  if (buffer_.size() > kMostChunkHead) {
    return fail(error_response(400, "a chunk of the body begins with too long a line"),
                "malformed");
  }
  const auto now = Clock::now();
  const std::chrono::seconds earned(body_->received() >> 10U);
  set_deadline(std::min(body_began_ + port_.options.body_timeout + earned,
                        now + Clock::duration(port_.options.body_timeout)));
  read();
}

/// On the spool's thread; what arrives meanwhile waits in the kernel.
void HttpConnection::write_body() {
  spooling_ = true;
  clear_deadline();
  asio::post(port_.spool(), [self = shared_from_this(), file = body_->file(),
                             piece = body_->take_unwritten()]() mutable {
    Status written = file->append(piece);
    // Moved: a connection may not end on this thread.
    asio::io_context& io = self->port_.io;
    asio::post(io, [self = std::move(self), written = std::move(written)] {
      self->spooling_ = false;
      if (self->state_ != State::body) return;
      if (written) return self->take_body();
      self->fail(error_response(507, "keeping the body: " + written.error().message), "body_file");
    });
  });
}

void HttpConnection::dispatch() {
  clear_deadline();
  HttpRequest request = *std::exchange(request_, std::nullopt);
  std::shared_ptr<BodyFile> file = body_->file();
  if (file) {
    request.body_file = file->path();
  } else {
    request.body = body_->take_text();
  }
  release_body();
  body_.reset();  // a file goes with its exchange, not with the connection
  state_ = State::answering;
  response_ = std::make_shared<ResponseStream>(port_.io, std::move(request), std::move(file),
                                               port_.options.max_send_buffer_bytes,
                                               [weak = weak_from_this()] {
                                                 if (const auto self = weak.lock()) self->pull();
                                               });
  std::shared_ptr<HttpExchange> exchange = response_->handle();
  try {
    route_->handle(exchange);
  } catch (const std::exception& error) {
    exchange->respond(error_response(500, std::string("internal error: ") + error.what()));
  }
  exchange.reset();
  if (state_ == State::answering && !ended_) read();
}

void HttpConnection::release_body() { port_.bodies_bytes -= std::exchange(counted_bytes_, 0); }

}  // namespace callslip::port
