#include "plugin/http/response_stream.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "plugin/http/http_response.h"

namespace callslip::port {
namespace {

/// What a queued piece costs besides its bytes, so that many small ones have a bound too.
constexpr std::size_t kPieceOverhead = 128;

}  // namespace

ResponseStream::ResponseStream(boost::asio::io_context& io, HttpRequest request,
                               std::shared_ptr<void> body_file, std::size_t max_unread_bytes,
                               std::function<void()> wake)
    : io_(io),
      request_(std::move(request)),
      max_unread_bytes_(max_unread_bytes),
      io_thread_(std::this_thread::get_id()),
      body_file_(std::move(body_file)),
      wake_(std::move(wake)) {}

void ResponseStream::respond(HttpResponse response) {
  std::unique_lock lock(mutex_);
  begin(lock, std::move(response), true);
}

void ResponseStream::start(HttpResponse head) {
  std::unique_lock lock(mutex_);
  begin(lock, std::move(head), false);
}

void ResponseStream::begin(std::unique_lock<std::mutex>& lock, HttpResponse head, bool whole) {
  if (retired_ || begun_) return;
  begun_ = true;
  whole_ = whole;
  ended_ = whole;
  head_ = std::move(head);
  schedule(lock);
}

void ResponseStream::write(std::string piece) {
  std::unique_lock lock(mutex_);
  if (retired_ || !begun_ || ended_ || broken_ || piece.empty()) return;
  const std::size_t cost = piece.size() + kPieceOverhead;
  // One piece of any size may wait.
  if (unread_bytes_ != 0 && unread_bytes_ + cost > max_unread_bytes_) {
    broken_ = true;
    overflowed_ = true;
    pieces_.clear();
  } else {
    unread_bytes_ += cost;
    queued_cost_ += cost;
    pieces_.push_back(std::move(piece));
  }
  schedule(lock);
}

void ResponseStream::end() {
  std::unique_lock lock(mutex_);
  if (retired_ || !begun_ || ended_) return;
  ended_ = true;
  schedule(lock);
}

void ResponseStream::on_gone(std::function<void()> gone) {
  std::unique_lock lock(mutex_);
  if (peer_gone_) {
    lock.unlock();
    return gone();
  }
  if (retired_ || ended_) return;
  gone_.swap(gone);
}

std::shared_ptr<HttpExchange> ResponseStream::handle() {
  return {this, [self = shared_from_this()](HttpExchange*) { self->abandon(); }};
}

void ResponseStream::abandon() {
  std::unique_lock lock(mutex_);
  if (retired_ || ended_) return;
  if (!begun_) {
    return begin(lock, error_response(500, "the server gave no answer; this is a bug"), true);
  }
  broken_ = true;
  schedule(lock);
}

ResponseStream::Batch ResponseStream::take() {
  const std::lock_guard lock(mutex_);
  Batch batch;
  batch.head = std::exchange(head_, std::nullopt);
  batch.whole = whole_;
  batch.pieces.swap(pieces_);
  batch.cost = std::exchange(queued_cost_, 0);
  batch.ended = ended_;
  batch.broken = broken_;
  return batch;
}

bool ResponseStream::take_overflow() {
  const std::lock_guard lock(mutex_);
  return std::exchange(overflowed_, false);
}

void ResponseStream::sent(std::size_t cost) {
  const std::lock_guard lock(mutex_);
  unread_bytes_ -= cost;
}

void ResponseStream::tell_gone() {
  std::function<void()> gone;
  {
    const std::lock_guard lock(mutex_);
    if (retired_ || peer_gone_) return;
    peer_gone_ = true;
    gone.swap(gone_);
  }
  if (gone) gone();
}

void ResponseStream::retire() {
  // Declared first, destroyed last, outside the lock: it may hold the handle.
  std::function<void()> gone;
  std::function<void()> wake;
  std::vector<std::string> pieces;
  const std::lock_guard lock(mutex_);
  retired_ = true;
  gone.swap(gone_);
  pieces.swap(pieces_);
  head_.reset();
  wake.swap(wake_);
}

void ResponseStream::schedule(std::unique_lock<std::mutex>& lock) {
  if (std::exchange(wake_scheduled_, true)) return;
  if (std::this_thread::get_id() == io_thread_) {
    lock.unlock();
    run_wake();
  } else {
    // Under the lock, so that the io_context is there: retire() waits for it.
    boost::asio::post(io_, [self = shared_from_this()] { self->run_wake(); });
  }
}

void ResponseStream::run_wake() {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    wake_scheduled_ = false;
    wake = wake_;
  }
  if (wake) wake();
}

}  // namespace callslip::port
