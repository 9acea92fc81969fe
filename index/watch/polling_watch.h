// PollingWatch: says that everything may have changed, every few seconds.
//
// Looking takes at most a twentieth of one core: what took long is done less often.
#pragma once

#include <string>

#include "index/watch/file_watch.h"

namespace callslip {

/// When the next look is due, from how long the last one took.
class PollClock {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit PollClock(std::chrono::milliseconds least) : least_(least) {}

  void look_begins() {
    began_ = std::chrono::steady_clock::now();
    looking_ = true;
  }
  void look_ends();
  Time due() const { return due_; }

 private:
  const std::chrono::milliseconds least_;
  Time began_ = std::chrono::steady_clock::now();
  Time due_ = began_;
  bool looking_ = true;
};

class PollingWatch final : public FileWatch {
 public:
  PollingWatch(std::string reason, const WatchOptions& options);

  void add_directory(const std::string& /*path*/) override {}
  Changes wait(const std::stop_token& stop) override;
  WatchStatus status() const override { return {false, reason_, 0, 0}; }

 private:
  const std::string reason_;
  PollClock clock_;
};

}  // namespace callslip
