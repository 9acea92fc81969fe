// KeepAlive: says something on every response that is still open, now and then, so that neither
// proxies nor clients take it for dead.
//
// A thread of its own; any thread may call. Members are not owned.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace callslip {

class KeptAlive {
 public:
  virtual ~KeptAlive() = default;
  /// False: it has ended, and is not called again.
  virtual bool keep_alive() = 0;
};

class KeepAlive {
 public:
  /// `also` is called each time too.
  explicit KeepAlive(std::chrono::milliseconds interval, std::function<void()> also = {});

  /// First called after a whole interval. Cheap: most are gone by then.
  void add(const std::shared_ptr<KeptAlive>& member);

 private:
  using Clock = std::chrono::steady_clock;
  struct Member {
    std::weak_ptr<KeptAlive> member;
    Clock::time_point due;
  };

  void run(const std::stop_token& stop);
  void tick();

  const std::chrono::milliseconds interval_;
  const std::function<void()> also_;

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<Member> members_;  // guarded by mutex_

  std::jthread thread_;  // last: joined before anything above goes
};

}  // namespace callslip
