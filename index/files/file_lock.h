// FileLock: the writer's lock of an index; one holder at a time, on one machine.
//
// Advisory (flock), so the kernel lets go of it when the holder dies, however it dies. The lock
// file stays; it holds the process id of the last holder, for messages only. Movable; release by
// destruction. A child made by fork without exec shares the lock with its parent.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "index/files/file_descriptor.h"
#include "index/result.h"

namespace callslip {

class FileLock {
 public:
  /// Creates the file when needed and waits up to `wait` (0: only try). Blocks the caller.
  /// Errors: locked, naming the holder; cancelled by `stop`; io or not_found (no such directory).
  static Result<FileLock> acquire(const std::string& path, std::chrono::milliseconds wait,
                                  const std::stop_token& stop = {});

 private:
  explicit FileLock(FileDescriptor fd) : fd_(std::move(fd)) {}

  FileDescriptor fd_;  // closing it is what unlocks
};

}  // namespace callslip
