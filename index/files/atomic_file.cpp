#include "index/files/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <system_error>

#include "index/files/file_descriptor.h"

namespace callslip {

namespace {

Error file_error(std::string_view doing, const std::string& path, int number,
                 ErrorKind kind = ErrorKind::io) {
  return {kind, std::string(doing) + " " + path + ": " + describe_errno(number)};
}

/// The temporary file; gone at the end unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& directory) {
    static std::atomic<unsigned> counter{0};
    do {  // a name of a killed process with our number may be in the way
      // Independent of the target's name, which may already be as long as names can be.
      path_ = directory + ".callslip-" + std::to_string(::getpid()) + "-" +
              std::to_string(counter.fetch_add(1)) + ".tmp";
      fd_ = FileDescriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    } while (!fd_ && errno == EEXIST);
    errno_ = fd_ ? 0 : errno;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (fd_) ::unlink(path_.c_str());
  }

  bool opened() const { return static_cast<bool>(fd_); }
  int error() const { return errno_; }
  const FileDescriptor& file() const { return fd_; }
  int fd() const { return fd_.get(); }

  /// False with errno when the rename failed.
  bool become(const std::string& path) {
    if (::rename(path_.c_str(), path.c_str()) != 0) return false;
    fd_.reset();
    return true;
  }

 private:
  std::string path_;
  FileDescriptor fd_;
  int errno_ = 0;
};

bool sync_fd(int fd) {
  int result = 0;
  do {
    result = ::fsync(fd);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

std::string with_links_resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? std::string(real.get()) : path;
}

/// With the final slash; "./" for a bare name.
std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "./" : path.substr(0, slash + 1);
}

}  // namespace

std::string describe_errno(int number) {
  if (number == ENOSPC) return "disk is full; free some space and try again";
  if (number == EDQUOT) return "disk quota is used up; free some space and try again";
  return std::generic_category().message(number);
}

Status write_file_atomically(const std::string& path, std::string_view bytes) {
  const auto failed = [&path] { return file_error("writing", path, errno); };
  const std::string target = with_links_resolved(path);
  const std::string directory = directory_of(target);
  {
    TemporaryFile temporary(directory);
    if (!temporary.opened()) return file_error("writing", path, temporary.error());
    struct stat old {};
    if (::stat(target.c_str(), &old) == 0) {
      // The owner first, because changing it clears bits of the mode. Only root may, in general.
      [[maybe_unused]] const int owned = ::fchown(temporary.fd(), old.st_uid, old.st_gid);
      if (::fchmod(temporary.fd(), old.st_mode & 07777) != 0) return failed();
    }
    if (Status s = temporary.file().append(bytes); !s) return s.error().within("writing " + path);
    if (!sync_fd(temporary.fd())) return failed();
    if (!temporary.become(target)) return failed();
  }
  return sync_directory(directory);
}

Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes) {
  const auto too_large = [&] {
    return Error{ErrorKind::unsupported,
                 "reading " + path + ": larger than " + std::to_string(max_bytes) + " bytes"};
  };
  // O_NONBLOCK: opening a pipe that nobody writes to must not wait.
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    return file_error("reading", path, errno, missing ? ErrorKind::not_found : ErrorKind::io);
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return file_error("reading", path, errno);
  if (!S_ISREG(status.st_mode)) {
    return Error{ErrorKind::unsupported, "reading " + path + ": not a regular file"};
  }
  const auto expected = static_cast<std::uint64_t>(status.st_size);
  if (expected > max_bytes) return too_large();

  // The size is only a hint (0 in /proc): what counts is the end of the file. One byte more than
  // expected, so that the last read of an unchanged file finds the end at once.
  std::string bytes(expected + 1, '\0');
  std::size_t used = 0;
  while (true) {
    if (used == bytes.size()) bytes.resize(std::max<std::size_t>(bytes.size() * 2, 4096));
    const ssize_t got = ::read(fd.get(), bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error("reading", path, errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used > max_bytes) return too_large();
  }
  bytes.resize(used);
  return bytes;
}

Status sync_directory(const std::string& path) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return file_error("syncing", path, errno);
  // Some file systems cannot sync a directory and say EINVAL: there is nothing better to do there.
  if (!sync_fd(fd.get()) && errno != EINVAL && errno != ENOTSUP) {
    return file_error("syncing", path, errno);
  }
  return {};
}

Status sync_file(const std::string& path) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd || !sync_fd(fd.get())) return file_error("syncing", path, errno);
  return {};
}

}  // namespace callslip
