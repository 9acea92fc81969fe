// CallContext: what travels with one call: when to stop, and whom to tell how far it is.
//
// Owned by the caller of a tool for the length of the call.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

namespace callslip {

struct CallContext {
  using Clock = std::chrono::steady_clock;
  /// Called on the thread that runs the call; must not block.
  using Progress = std::function<void(double done, double total, const std::string& message)>;

  Clock::time_point started = Clock::now();  // when the call was received
  std::stop_token stop;                      // requested when the client cancels or goes
  Clock::time_point deadline = Clock::time_point::max();
  Progress progress;  // may be empty

  bool cancelled() const { return stop.stop_requested(); }
  bool expired() const { return Clock::now() >= deadline; }
  bool should_stop() const { return cancelled() || expired(); }
};

}  // namespace callslip
