// FileWatch: the seam for what notices that files changed: inotify, or looking every few seconds.
//
// Belongs to the thread that indexes; status() is for any thread. A change that is told may have
// been none, but none is ever left out: where one may have been missed, everything is told.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace callslip {

/// Where files may have changed.
struct Changes {
  bool everything = false;
  std::vector<std::string> paths;  // absolute, raw bytes: these, and what is below them

  bool empty() const { return !everything && paths.empty(); }
};

struct WatchStatus {
  bool notified = false;        // the system tells of changes; else somebody looks now and then
  std::string polled_because;   // why all or a part is looked at instead; empty: nothing is
  std::size_t directories = 0;  // that the system watches for us
  std::uint64_t overflows = 0;  // times that changes came faster than they could be told
};

struct WatchOptions {
  bool poll = false;                              // do not ask the system
  std::size_t max_directories = ~std::size_t{0};  // that may be watched; the rest is polled

  // Times in which things are put together.
  std::chrono::milliseconds quiet{100};           // after the last change of a burst
  std::chrono::milliseconds patience{500};        // for a burst of few files
  std::chrono::milliseconds long_patience{3000};  // for one of many
  std::chrono::milliseconds open_file{300};       // after the last write to a file still open
  std::chrono::seconds checkout{60};              // while git holds the lock of its index
  std::chrono::milliseconds poll_interval{2000};
  /// Everything is looked at again after this time: what is written through a memory map, or by
  /// another machine, is told by nobody.
  std::chrono::milliseconds look_again{10 * 60'000};
};

class FileWatch {
 public:
  virtual ~FileWatch() = default;

  /// Its entries are about to be read: changes from now on are told.
  virtual void add_directory(const std::string& path) = 0;

  /// Waits until something may have changed and it is time to look. Empty: stopped.
  virtual Changes wait(const std::stop_token& stop) = 0;

  virtual WatchStatus status() const = 0;
};

/// `roots`: files and folders as the user named them; they need not exist. What is below them is
/// watched as add_directory() is told of it.
std::unique_ptr<FileWatch> watch_files(const std::vector<std::string>& roots,
                                       const WatchOptions& options = {});

}  // namespace callslip
