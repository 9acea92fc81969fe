// LocalEndpoint: the socket of an index, where a running server can be reached by the processes of
// the same user.
//
// It stands in a private folder (0700) beside a lock, which the one server that listens holds until
// it dies, however it dies: whoever gets the lock knows that a socket found there is stale.
// Any thread may hold one; not shared.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "index/files/file_descriptor.h"
#include "index/files/file_lock.h"
#include "index/result.h"

namespace callslip {

/// The folders where the socket of an index may be, in the order in which they are tried: in the
/// index; for one on a read-only disk, below $XDG_RUNTIME_DIR.
std::vector<std::string> local_endpoint_folders(const std::string& index_directory);

class LocalEndpoint {
 public:
  /// Listens. Errors: locked, when another server does; else why no folder would do.
  static Result<std::unique_ptr<LocalEndpoint>> claim(const std::vector<std::string>& folders);

  /// Removes the socket.
  ~LocalEndpoint();
  LocalEndpoint(const LocalEndpoint&) = delete;
  LocalEndpoint& operator=(const LocalEndpoint&) = delete;

  /// Not blocking.
  int listener() const { return listener_.get(); }

  /// Whether the socket can still be found: an index may be removed and made anew.
  bool reachable() const;

 private:
  LocalEndpoint(FileLock lock, FileDescriptor folder, FileDescriptor listener, std::string path);

  const FileLock lock_;
  const FileDescriptor folder_;
  const FileDescriptor listener_;
  const std::string path_;
};

/// A connection to whoever listens, of our own user; not blocking. Errors: not_found, when nobody
/// does; unavailable, with the reason, when it cannot be reached.
Result<FileDescriptor> connect_to_local_endpoint(const std::vector<std::string>& folders);

/// Whether the process at the other end is of our user.
bool peer_is_own_user(int socket);

/// One line, without its end, from a socket that does not block; no byte after it is taken.
/// Nothing when none came in time, or a longer one.
std::optional<std::string> read_one_line(int socket, std::chrono::milliseconds timeout);

}  // namespace callslip
