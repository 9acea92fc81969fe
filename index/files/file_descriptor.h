// FileDescriptor: owns a POSIX file descriptor and closes it; whole reads and appends.
//
// Movable, not copyable; -1 means none. Reads may run in any number of threads, the rest in one.
// Errors of closing are not told: who needs durability syncs before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "index/result.h"

namespace callslip {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~FileDescriptor() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset();

  static Result<FileDescriptor> open_for_reading(const std::string& path);
  static Result<FileDescriptor> create(const std::string& path);

  Result<std::uint64_t> size() const;

  /// Exactly `length` bytes at `offset`; fewer in the file is ErrorKind::damaged.
  Status read_at(std::uint64_t offset, char* out, std::size_t length) const;
  Status append(std::string_view bytes) const;

 private:
  int fd_ = -1;
};

/// The number of the file system that the path is on; 0 where it cannot be told.
std::uint64_t device_of(const std::string& path);

/// A file of an index that is not as it was written, with the remedy.
Error damaged_file(const std::string& path, const std::string& what);

/// ErrorKind::not_found or io, "PATH: disk is full; ...".
Error system_error(const std::string& path, int error_number);

}  // namespace callslip
