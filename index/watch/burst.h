// Burst: changes that belong together, put together until it is time to look at them.
//
// A file saved by an editor is three or four events, a checkout thousands: each is to be one
// commit. Belongs to one thread; knows time only as it is told.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "index/watch/file_watch.h"

namespace callslip {

class Burst {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Burst(const WatchOptions& options) : options_(options) {}

  void add(std::string path, Time now);
  /// The file is being written: it counts when it was closed, or when nothing more comes.
  void add_open(const std::string& path, Time now);
  void add_everything(Time now);

  bool empty() const { return !everything_ && paths_.empty(); }
  /// When to look, as far as is known; nothing: there is nothing to look at.
  std::optional<Time> due(Time now);
  Changes take();

  /// Whether something at the directory or below it changed.
  bool touches(std::string_view directory) const;
  bool large() const;
  Time began() const { return first_; }

 private:
  struct Writing {
    Time first;
    Time last;
  };
  void settle(Time now);

  const WatchOptions options_;
  bool everything_ = false;
  std::set<std::string, std::less<>> paths_;
  std::unordered_map<std::string, Writing> open_;
  Time first_;
  Time last_;
};

}  // namespace callslip
