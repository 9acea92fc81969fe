#include "plugin/http/http_connection.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "plugin/http/cors.h"
#include "plugin/http/http_response.h"

namespace callslip::port {
namespace {

constexpr std::size_t kIdleBuffer = std::size_t{4} << 10U;  // thousands may be idle

std::string_view view(const boost::beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

}  // namespace

HttpConnection::HttpConnection(Port& port, std::unique_ptr<PortStream> stream, HttpPeer peer)
    : port_(port),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      counted_(port.metrics.http),
      timer_(stream_->get_executor()) {
  port_.metrics.http_opened.add();
}

HttpConnection::~HttpConnection() {
  if (response_) response_->retire();
}

void HttpConnection::start() {
  enter_idle();
  set_deadline(port_.options.head_timeout);
  read();
}

void HttpConnection::finish_soon() {
  keep_alive_ = false;
  if (state_ == State::idle || state_ == State::held) close();
}

// ---- Reading requests.

void HttpConnection::await_request() {
  parser_.reset();
  request_.reset();
  body_.reset();
  refusal_.reset();
  route_ = nullptr;
  begun_ = ended_ = false;
  if (hold_.count() > 0) {
    state_ = State::held;
    enter_idle();
    return set_deadline(std::exchange(hold_, {}));
  }
  state_ = State::idle;
  seen_ = 0;
  if (buffer_.size() == 0) {
    if (buffer_.capacity() > kIdleBuffer) buffer_ = {};
    enter_idle();
    set_deadline(port_.options.idle_timeout);
    return read();
  }
  take_head();
}

void HttpConnection::take_head() {
  // Some clients end a body with a line end that is not part of it.
  while (buffer_.size() > 0 && (view(buffer_)[0] == '\r' || view(buffer_)[0] == '\n')) {
    buffer_.consume(1);
    seen_ = 0;
  }
  const std::size_t end = end_of_head(view(buffer_), seen_);
  const std::size_t most = port_.options.max_head_bytes;
  if (std::min(end, buffer_.size()) > most) {
    return fail(error_response(431, "the head of a request may have " + std::to_string(most) +
                                        " bytes at most"),
                "head_size");
  }
  if (end == std::string_view::npos) {
    seen_ = buffer_.size();
    if (state_ == State::idle && seen_ > 0) {
      state_ = State::head;
      enter_idle();
      set_deadline(port_.options.head_timeout);
    }
    return read();
  }
  leave_idle();
  clear_deadline();
  asked_ = true;
  began_ = Clock::now();
  parser_.emplace();
  auto head = read_head(*parser_, view(buffer_).substr(0, end));
  buffer_.consume(end);
  if (const auto* fault = std::get_if<HeadFault>(&head)) {
    return fail(error_response(fault->status, fault->message), "malformed");
  }
  judge(std::get<HttpHead>(std::move(head)));
}

/// Who asks, and may they: before anything else is done for them.
void HttpConnection::judge(HttpHead head) {
  http_1_1_ = head.http_1_1;
  head_only_ = head.method == "HEAD";
  origin_.clear();
  keep_alive_ = head.keep_alive && !port_.stopping && peer_.room == Room::free;
  if (port_.stopping) return refuse(error_response(503, "the server is stopping"), "stopping");
  if (refuse_crowd(head)) return;
  if (const auto wait = port_.limits.wait(peer_.client, began_); wait.count() > 0) {
    return refuse_haste(wait);
  }
  RequestHead asked;
  asked.method = head.method;
  asked.target = head.target;
  asked.header = [&head](std::string_view name) { return head.header(name); };
  asked.peer = peer_.address;
  asked.websocket = head.wants_websocket;
  const Router::Found found = port_.router.find(head.method, head.path);
  asked.open = found.route != nullptr && found.route->open;
  auto admitted = port_.access.admit(asked);
  if (auto* refusal = std::get_if<Refusal>(&admitted)) {
    port_.limits.owe_request(peer_.client, began_);
    if (refusal->origin_allowed) origin_ = head.header("origin");
    return refuse_access(std::move(*refusal));
  }
  origin_ = head.header("origin");
  auto& principal = std::get<Principal>(admitted);
  const std::string client =
      principal.name.empty() ? peer_.client : ClientLimits::key_of_token(principal.name);
  if (const auto wait = port_.limits.take_request(client, began_); wait.count() > 0) {
    return refuse_haste(wait);
  }
  const std::string methods = is_preflight(head) ? port_.router.methods(head.path) : "";
  if (!methods.empty()) return answer(preflight_response(head, methods));
  if (head.wants_websocket && head.path == port_.options.websocket_path) {
    return hand_over(head, std::move(principal), client);
  }
  route(found, std::move(head), std::move(principal), client);
}

void HttpConnection::route(const Router::Found& found, HttpHead head, Principal principal,
                           const std::string& client) {
  if (found.route == nullptr && found.allowed.empty()) {
    if (head.path == port_.options.websocket_path) {
      HttpResponse hint = error_response(
          426, "this endpoint speaks WebSocket: connect to ws://HOST:PORT" + head.path);
      hint.headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}};
      return refuse(std::move(hint), "route");
    }
    return refuse(
        error_response(404, "nothing is here; the endpoint is " + port_.options.websocket_path),
        "route");
  }
  if (found.route == nullptr) {
    HttpResponse response =
        error_response(405, head.path + " does not take " + head.method + ", but " + found.allowed);
    response.headers = {{"Allow", found.allowed}};
    return refuse(std::move(response), "route");
  }
  if (found.route->needs_write && !principal.may_write) {
    return refuse_access(port_.access.write_refusal(principal));
  }
  flight_ = port_.limits.take_flight(client);
  if (!flight_) {
    HttpResponse response = error_response(
        429, std::to_string(port_.options.max_requests_in_flight) +
                 " requests of this client are in flight, which is the most; wait for one");
    response.headers = {{"Retry-After", "1"}};
    return refuse(std::move(response), "in_flight");
  }
  route_ = found.route;
  expect_body(head);
  if (state_ == State::closed || state_ == State::answering) return;
  HttpRequest& request = request_.emplace();
  request.method = std::move(head.method);
  request.path = std::move(head.path);
  request.query = std::move(head.query);
  request.headers = std::move(head.headers);
  request.peer = peer_.address;
  request.secure = stream_->is_secure();
  request.principal = std::move(principal);
  take_body();
}

void HttpConnection::hand_over(const HttpHead& head, Principal principal,
                               const std::string& client) {
  if (reading_) {
    return fail(error_response(400, "a handshake must wait for the answer to what came before"),
                "malformed");
  }
  stream_->unread(handshake_of(head) + std::string(view(buffer_)));
  Upgrade upgrade{std::move(stream_), std::move(principal), client};
  state_ = State::closed;
  timer_.cancel();
  const auto self = shared_from_this();
  leave();
  port_.take_websocket(std::move(upgrade));
}

}  // namespace callslip::port
