// WatchReport: how the files of an index are watched, for whoever asks: the server that does tells
// those in its process, and leaves it in the index's folder for other processes.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "index/watch/file_watch.h"

namespace callslip {

struct WatchReport {
  WatchStatus status;
  int process = 0;
  std::int64_t last_change = 0;  // seconds since 1970; 0: none since it began
  std::uint64_t refreshes = 0;   // looks at what had changed
};

/// "inotify, 5096 folders; the last change 2026-07-28T09:30:00Z", for people.
std::string describe(const WatchReport& report);

/// Of the process that watches; nothing: none does.
std::optional<WatchReport> load_watch_report(const std::string& index_directory);

/// The report of this process. Any thread.
class WatchBoard {
 public:
  explicit WatchBoard(std::string index_directory);

  /// By the thread that watches. Nothing: it does not, any more.
  void post(std::optional<WatchReport> report);

  /// Of this process.
  std::optional<WatchReport> own() const;

 private:
  const std::string index_directory_;
  mutable std::mutex mutex_;
  std::optional<WatchReport> report_;  // guarded by mutex_
};

}  // namespace callslip
