// WorkerPool: a fixed number of threads and a bounded queue, for the work that may not block the
// I/O thread.
//
// Any thread may call. Jobs catch for themselves: an exception that leaves one is a bug and
// terminates. With zero threads submit() runs the job before it returns, which makes tests
// deterministic.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace callslip {

class WorkerPool {
 public:
  /// `max_queue` is how many jobs may wait while every thread has one.
  WorkerPool(std::size_t threads, std::size_t max_queue);

  /// Finishes what was queued, however long that takes; drain() first to bound the wait.
  ~WorkerPool();

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Jobs that no thread has taken yet.
  std::size_t queued() const;

  /// False when the queue is full or the pool is draining: the caller answers "busy".
  bool submit(std::function<void()> job);

  /// Takes nothing new and waits until all that was queued has finished. False when `timeout` came
  /// first; the work goes on then.
  bool drain(std::chrono::milliseconds timeout);

 private:
  bool run_inline(const std::function<void()>& job);
  void work();

  // Constant.
  const std::size_t thread_count_;
  const std::size_t max_queue_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::deque<std::function<void()>> queue_;
  std::size_t running_ = 0;
  bool draining_ = false;

  std::vector<std::jthread> threads_;  // last: joined before anything above goes
};

}  // namespace callslip
