// SignalWatch: SIGINT and SIGTERM as a stop token.
//
// Made first in a command, before any thread: the signals are blocked everywhere and awaited by a
// thread of its own. The first one requests the stop; a second one ends the process at once.
#pragma once

#include <functional>
#include <stop_token>
#include <thread>

namespace callslip {

class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace callslip
