#include "plugin/http/session_stream.h"

#include <algorithm>
#include <utility>

#include "plugin/http/http_outlet.h"

namespace callslip {
namespace {

constexpr std::size_t kMaxWaiting = 64;

}  // namespace

void SessionStream::attach(const std::shared_ptr<HttpExchange>& exchange) {
  std::shared_ptr<HttpExchange> before;
  {
    const std::lock_guard lock(mutex_);
    exchange->start(sse_head());
    if (closed_) {
      exchange->end();
      return;
    }
    before = std::exchange(exchange_, exchange);
    exchange->write(": open\n\n");  // so that the client's end of the line sees it at once
    for (const std::string& message : std::exchange(waiting_, {})) {
      exchange->write(sse_event(message));
    }
  }
  if (before) before->end();
  // Outside the lock: it may be gone already.
  exchange->on_gone([weak = weak_from_this(), raw = exchange.get()] {
    if (const auto self = weak.lock()) self->detach(raw);
  });
}

void SessionStream::detach(const HttpExchange* exchange) {
  std::shared_ptr<HttpExchange> gone;
  const std::lock_guard lock(mutex_);
  if (exchange_.get() == exchange) gone = std::exchange(exchange_, nullptr);
}

bool SessionStream::attached() const {
  const std::lock_guard lock(mutex_);
  return exchange_ != nullptr;
}

void SessionStream::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  waiting_.clear();
  if (const auto exchange = std::exchange(exchange_, nullptr)) exchange->end();
}

void SessionStream::send(std::string message) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  if (exchange_) {
    exchange_->write(sse_event(message));
    return;
  }
  // Saying again that a list has changed tells nothing new.
  if (std::find(waiting_.begin(), waiting_.end(), message) != waiting_.end()) return;
  if (waiting_.size() == kMaxWaiting) waiting_.pop_front();
  waiting_.push_back(std::move(message));
}

bool SessionStream::keep_alive() {
  const std::lock_guard lock(mutex_);
  if (exchange_) exchange_->write(": keep-alive\n\n");
  return !closed_;
}

}  // namespace callslip
