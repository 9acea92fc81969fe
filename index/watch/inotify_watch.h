// InotifyWatch: the system tells which entries of directories change.
//
// What it cannot tell of (no more watches, network file systems) is looked at every few seconds, as
// PollingWatch does, beside the rest. After an overflow of the system's queue everything is looked
// at. Roots may come, go, and be put in each other's place. Belongs to one thread, but status().
#pragma once

#include <sys/types.h>

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "index/files/file_descriptor.h"
#include "index/result.h"
#include "index/watch/burst.h"
#include "index/watch/checkouts.h"
#include "index/watch/file_watch.h"
#include "index/watch/polling_watch.h"
#include "index/watch/watched_directories.h"

namespace callslip {

class InotifyWatch final : public FileWatch {
 public:
  /// ErrorKind::unavailable: the system has no inotify for us, with the reason.
  static Result<std::unique_ptr<FileWatch>> open(const std::vector<std::string>& roots,
                                                 const WatchOptions& options);

  void add_directory(const std::string& path) override;
  Changes wait(const std::stop_token& stop) override;
  WatchStatus status() const override;

 private:
  using Time = Burst::Time;

  struct Root {
    std::string given;
    std::string path;  // real; empty: it is not there
    bool folder = false;
    dev_t device = 0;
    ino_t inode = 0;
  };

  InotifyWatch(WatchedDirectories directories, FileDescriptor wake, const WatchOptions& options);

  void check_roots(Time now);
  void root_changed(const Root& before, const Root& root, Time now);
  void watch_above(const Root& root);
  void watch_beside(const std::string& path);
  bool watch(const std::string& path);
  void note_checkout(const std::string& top);

  void read_events(Time now);
  void take(const FileEvent& event, Time now);
  void rules_changed(const std::string& directory, Time now);
  bool is_root(std::string_view path) const;
  bool in_root(std::string_view path) const;

  Changes look_at_everything();
  void publish();

  const WatchOptions options_;
  std::vector<Root> roots_;
  WatchedDirectories directories_;
  FileDescriptor wake_;  // an eventfd
  Burst burst_;
  Checkouts checkouts_;
  PollClock poll_;
  Time next_check_;
  Time look_again_;
  std::string polled_because_;    // so far
  std::set<std::string> beside_;  // watched for rules above the roots, and for files that are roots
  std::uint64_t overflows_ = 0;

  mutable std::mutex mutex_;
  WatchStatus status_;  // guarded by mutex_
};

}  // namespace callslip
