#include "plugin/worker_pool.h"

#include <utility>

namespace callslip {
namespace {

/// A thread's function terminates by itself when a job throws; inline, this does it.
void run_or_terminate(const std::function<void()>& job) noexcept { job(); }

}  // namespace

WorkerPool::WorkerPool(std::size_t threads, std::size_t max_queue)
    : thread_count_(threads), max_queue_(max_queue) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  wake_.notify_all();
}

std::size_t WorkerPool::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

bool WorkerPool::submit(std::function<void()> job) {
  if (thread_count_ == 0) return run_inline(job);
  {
    const std::lock_guard lock(mutex_);
    // A thread without a job takes one at once, so that one does not count as waiting.
    const std::size_t free_threads = thread_count_ - running_;
    if (draining_ || queue_.size() >= max_queue_ + free_threads) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

bool WorkerPool::run_inline(const std::function<void()>& job) {
  {
    const std::lock_guard lock(mutex_);
    if (draining_) return false;
    ++running_;
  }
  run_or_terminate(job);
  {
    const std::lock_guard lock(mutex_);
    --running_;
  }
  idle_.notify_all();
  return true;
}

bool WorkerPool::drain(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  draining_ = true;
  wake_.notify_all();
  return idle_.wait_for(lock, timeout, [this] { return queue_.empty() && running_ == 0; });
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return draining_ || !queue_.empty(); });
    if (queue_.empty()) return;  // and draining: nothing more can come
    {
      const std::function<void()> job = std::move(queue_.front());
      queue_.pop_front();
      ++running_;
      lock.unlock();
      run_or_terminate(job);
    }  // what the job held is released before it counts as finished
    lock.lock();
    --running_;
    if (queue_.empty() && running_ == 0) idle_.notify_all();
  }
}

}  // namespace callslip
