// WatchedDirectories: an inotify queue, and which directories it tells of, both ways.
//
// Belongs to one thread. A directory that is moved takes its watch along, so it is taken off its
// old place and set anew at the next one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/files/file_descriptor.h"
#include "index/result.h"

namespace callslip {

/// inotify(7), with the path instead of the number.
struct FileEvent {
  std::uint32_t mask = 0;
  std::string directory;  // empty: of none that is watched (any more)
  std::string name;       // of an entry; empty: the directory itself
};

class WatchedDirectories {
 public:
  /// ErrorKind::unavailable with the reason, for people.
  static Result<WatchedDirectories> open();

  int descriptor() const { return queue_.get(); }
  std::size_t size() const { return by_path_.size(); }

  /// ErrorKind::unavailable: there may be no more, or the system cannot; not_found: it is gone.
  Status add(const std::string& path);

  /// Takes the watches off a directory and all below it.
  void remove(std::string_view path);

  /// What has come, without waiting for more.
  std::vector<FileEvent> read();

 private:
  explicit WatchedDirectories(FileDescriptor queue) : queue_(std::move(queue)) {}
  void parse(std::string_view bytes, std::vector<FileEvent>& events);

  FileDescriptor queue_;
  std::map<std::string, int, std::less<>> by_path_;
  std::unordered_map<int, std::string> by_number_;
};

}  // namespace callslip
