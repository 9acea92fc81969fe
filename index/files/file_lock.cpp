#include "index/files/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <mutex>

#include "index/files/atomic_file.h"

namespace callslip {

namespace {

// flock has no timeout; this is what a waiting writer adds to the time of a commit at most.
constexpr std::chrono::milliseconds poll_interval{20};

Error lock_error(const std::string& path, int number) {
  return {number == ENOENT ? ErrorKind::not_found : ErrorKind::io,
          "locking " + path + ": " + describe_errno(number)};
}

Error held_by_another(int fd) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
  long pid = 0;
  if (size > 0) std::from_chars(text.data(), text.data() + size, pid);
  // The holder may be between locking and writing its number.
  const std::string holder = pid > 0 ? " (pid " + std::to_string(pid) + ")" : "";
  return {ErrorKind::locked,
          "another callslip is writing to this index" + holder + "; wait for it or stop it"};
}

/// For messages only, so a failure (a full disk) does not matter.
void write_pid(int fd) {
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0) return;
  [[maybe_unused]] const ssize_t written = ::pwrite(fd, text.data(), text.size(), 0);
}

/// Whether the path still leads to the open file: an index may be removed and made anew while
/// we wait, and then the lock on the old file excludes nobody.
bool is_current(int fd, const std::string& path) {
  struct stat open_file {};
  struct stat named_file {};
  return ::fstat(fd, &open_file) == 0 && ::stat(path.c_str(), &named_file) == 0 &&
         open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

/// Waits, and wakes at once when stopped.
void pause(std::chrono::steady_clock::duration time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

Result<FileLock> FileLock::acquire(const std::string& path, std::chrono::milliseconds wait,
                                   const std::stop_token& stop) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (!stop.stop_requested()) {
    FileDescriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (!fd) return lock_error(path, errno);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
      if (!is_current(fd.get(), path)) continue;
      write_pid(fd.get());
      return FileLock(std::move(fd));
    }
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return lock_error(path, errno);
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero()) return held_by_another(fd.get());
    pause(std::min<std::chrono::steady_clock::duration>(left, poll_interval), stop);
  }
  return Error{ErrorKind::cancelled, "stopped while waiting for the index's lock"};
}

}  // namespace callslip
