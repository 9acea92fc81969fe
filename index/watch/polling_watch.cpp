#include "index/watch/polling_watch.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace callslip {

void PollClock::look_ends() {
  constexpr int pause_factor = 20;
  if (!std::exchange(looking_, false)) return;
  const auto now = std::chrono::steady_clock::now();
  due_ = now + std::max<std::chrono::steady_clock::duration>(least_, (now - began_) * pause_factor);
}

PollingWatch::PollingWatch(std::string reason, const WatchOptions& options)
    : reason_(std::move(reason)), clock_(options.poll_interval) {}

Changes PollingWatch::wait(const std::stop_token& stop) {
  clock_.look_ends();
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_until(lock, stop, clock_.due(), [] { return false; });
  if (stop.stop_requested()) return {};
  clock_.look_begins();
  return {true, {}};
}

}  // namespace callslip
