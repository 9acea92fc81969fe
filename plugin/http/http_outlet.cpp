#include "plugin/http/http_outlet.h"

#include "plugin/mcp/json_rpc.h"

namespace callslip {

std::string sse_event(const std::string& message) {
  // A message has no line breaks outside its strings, and there they are escaped.
  return "event: message\ndata: " + message + "\n\n";
}

HttpResponse sse_head() {
  HttpResponse head;
  head.type = "text/event-stream";
  // A proxy that gathers the response would hold back what is told in it.
  head.headers = {{"Cache-Control", "no-cache, no-transform"}, {"X-Accel-Buffering", "no"}};
  return head;
}

void HttpOutlet::add_header(std::string name, std::string value) {
  const std::lock_guard lock(mutex_);
  headers_.emplace_back(std::move(name), std::move(value));
}

void HttpOutlet::start() {
  if (streaming_) return;
  streaming_ = true;
  HttpResponse head = sse_head();
  head.headers.insert(head.headers.end(), headers_.begin(), headers_.end());
  exchange_->start(std::move(head));
}

void HttpOutlet::send(std::string message) {
  const std::lock_guard lock(mutex_);
  if (ended_ || !accepted_.stream) return;
  start();
  exchange_->write(sse_event(message));
}

void HttpOutlet::reply(std::string message, int error_code) {
  // What a method answers is the payload, errors too. The one exception is the protocol's.
  finish(std::move(message), error_code == rpc_error::missing_capability ? 400 : 200);
}

void HttpOutlet::refuse(std::string message, int error_code) {
  int status = 400;
  // To a legacy client 404 says that its session is gone.
  if (error_code == rpc_error::unknown_method) status = modern_ ? 404 : 200;
  finish(std::move(message), status);
}

void HttpOutlet::finish(std::string message, int status) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  ended_ = true;
  const bool as_event = streaming_ || (status == 200 && !accepted_.json);
  if (as_event) {
    start();
    exchange_->write(sse_event(message));
    exchange_->end();
    return;
  }
  HttpResponse response;
  response.status = status;
  response.headers = std::move(headers_);
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = std::move(message);
  exchange_->respond(std::move(response));
}

void HttpOutlet::abandon() {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  ended_ = true;
  if (accepted_.stream) {
    start();  // a stream that ends without an answer
    exchange_->end();
  } else {
    HttpResponse response;
    response.status = 204;
    response.type.clear();
    exchange_->respond(std::move(response));
  }
}

bool HttpOutlet::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

bool HttpOutlet::keep_alive() {
  const std::lock_guard lock(mutex_);
  if (ended_ || !accepted_.stream) return false;
  start();
  exchange_->write(": keep-alive\n\n");
  return true;
}

}  // namespace callslip
