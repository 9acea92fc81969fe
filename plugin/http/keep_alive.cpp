#include "plugin/http/keep_alive.h"

#include <utility>
#include <vector>

namespace callslip {

KeepAlive::KeepAlive(std::chrono::milliseconds interval, std::function<void()> also)
    : interval_(interval),
      also_(std::move(also)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void KeepAlive::add(const std::shared_ptr<KeptAlive>& member) {
  const std::lock_guard lock(mutex_);
  members_.push_back({member, Clock::now() + interval_});
}

void KeepAlive::run(const std::stop_token& stop) {
  // More often than the interval, so that none waits for twice as long.
  const auto pause = interval_ / 4;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); })) {
    if (stop.stop_requested()) return;
    lock.unlock();
    tick();
    if (also_) also_();
    lock.lock();
  }
}

void KeepAlive::tick() {
  std::vector<std::shared_ptr<KeptAlive>> due;
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    std::erase_if(members_, [&](const Member& entry) {
      if (entry.due > now) return entry.member.expired();
      if (auto member = entry.member.lock()) due.push_back(std::move(member));
      return true;
    });
  }
  // Outside the lock: it may be what ends a member.
  for (const auto& member : due) {
    if (member->keep_alive()) add(member);
  }
}

}  // namespace callslip
