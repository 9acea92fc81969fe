#include "index/files/file_descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "index/files/atomic_file.h"
#include "index/store/index_location.h"

namespace callslip {

Error system_error(const std::string& path, int error_number) {
  const ErrorKind kind = error_number == ENOENT ? ErrorKind::not_found : ErrorKind::io;
  const std::string reason = describe_errno(error_number);
  return {kind, path.empty() ? reason : path + ": " + reason};
}

std::uint64_t device_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_dev : 0;
}

Error damaged_file(const std::string& path, const std::string& what) {
  return {ErrorKind::damaged, path + ": " + what + "; the index is damaged: " +
                                  how_to_make_anew(path.substr(0, path.rfind("/segments/")))};
}

void FileDescriptor::reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<FileDescriptor> FileDescriptor::open_for_reading(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return system_error(path, errno);
  return FileDescriptor(fd);
}

Result<FileDescriptor> FileDescriptor::create(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return system_error(path, errno);
  return FileDescriptor(fd);
}

Result<std::uint64_t> FileDescriptor::size() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) return system_error("", errno);
  return static_cast<std::uint64_t>(status.st_size);
}

Status FileDescriptor::read_at(std::uint64_t offset, char* out, std::size_t length) const {
  while (length > 0) {
    const ssize_t n = ::pread(fd_, out, length, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("", errno);
    if (n == 0) return Error{ErrorKind::damaged, "the file ends too early"};
    out += n;
    offset += static_cast<std::uint64_t>(n);
    length -= static_cast<std::size_t>(n);
  }
  return {};
}

Status FileDescriptor::append(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("", errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

}  // namespace callslip
