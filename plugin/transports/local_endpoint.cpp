#include "plugin/transports/local_endpoint.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "index/hash.h"
#include "plugin/transports/own_streams.h"

namespace callslip {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSocketName = "socket";
constexpr const char* kLockName = "lock";
constexpr int kBacklog = 64;
constexpr std::size_t kLongestLine = 65536;

Error failure(const std::string& path, int error_number) {
  return stream_error(path, error_number);
}

/// The folder, if it is ours alone.
Result<FileDescriptor> open_private_folder(const std::string& path) {
  FileDescriptor folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    return Error{missing ? ErrorKind::not_found : ErrorKind::unavailable,
                 failure(path, errno).message};
  }
  struct stat status {};
  if (::fstat(folder.get(), &status) != 0) return failure(path, errno);
  if (status.st_uid != ::geteuid() || (status.st_mode & 077) != 0) {
    return Error{ErrorKind::unavailable, path + " is not private to this user"};
  }
  return folder;
}

Result<FileDescriptor> make_private_folder(const std::string& path) {
  std::error_code code;
  fs::create_directories(fs::path(path).parent_path(), code);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failure(path, errno);
  return open_private_folder(path);
}

/// Through the open folder: the path of an index may be longer than an address can be (108 bytes).
sockaddr_un address_in(const FileDescriptor& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(folder.get()) + "/" + kSocketName;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

FileDescriptor new_socket() {
  return FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

}  // namespace

std::vector<std::string> local_endpoint_folders(const std::string& index_directory) {
  std::error_code code;
  const fs::path real = fs::weakly_canonical(fs::absolute(index_directory), code);
  const std::string index = code ? index_directory : real.string();
  std::vector<std::string> folders{index + "/serving"};
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/') {
    folders.push_back(std::string(runtime) + "/callslip-" + hex64(hash64(index)));
  }
  return folders;
}

Result<std::unique_ptr<LocalEndpoint>> LocalEndpoint::claim(
    const std::vector<std::string>& folders) {
  std::optional<Error> reason;
  for (const std::string& path : folders) {
    auto folder = make_private_folder(path);
    if (!folder) {
      reason = folder.error();
      continue;
    }
    auto lock = FileLock::acquire(path + "/" + kLockName, std::chrono::milliseconds(0));
    if (!lock) {
      reason = lock.error();
      if (reason->kind == ErrorKind::locked) return *reason;
      continue;
    }
    FileDescriptor listener = new_socket();
    ::unlinkat(folder->get(), kSocketName, 0);  // of a server that was killed
    const sockaddr_un address = address_in(*folder);
    if (!listener || ::bind(listener.get(), generic(address), sizeof address) != 0 ||
        ::fchmodat(folder->get(), kSocketName, 0600, 0) != 0 ||
        ::listen(listener.get(), kBacklog) != 0) {
      reason = failure(path, errno);
      continue;
    }
    return std::unique_ptr<LocalEndpoint>(
        new LocalEndpoint(std::move(*lock), std::move(*folder), std::move(listener), path));
  }
  return reason.value_or(Error{ErrorKind::io, "there is no folder for a socket"});
}

LocalEndpoint::LocalEndpoint(FileLock lock, FileDescriptor folder, FileDescriptor listener,
                             std::string path)
    : lock_(std::move(lock)),
      folder_(std::move(folder)),
      listener_(std::move(listener)),
      path_(std::move(path)) {}

LocalEndpoint::~LocalEndpoint() { ::unlinkat(folder_.get(), kSocketName, 0); }

bool LocalEndpoint::reachable() const {
  struct stat open_folder {};
  struct stat named_folder {};
  return ::fstat(folder_.get(), &open_folder) == 0 && ::stat(path_.c_str(), &named_folder) == 0 &&
         open_folder.st_ino == named_folder.st_ino && open_folder.st_dev == named_folder.st_dev &&
         ::faccessat(folder_.get(), kSocketName, F_OK, 0) == 0;
}

Result<FileDescriptor> connect_to_local_endpoint(const std::vector<std::string>& folders) {
  Error reason{ErrorKind::not_found, "no server listens"};
  for (const std::string& path : folders) {
    const auto folder = open_private_folder(path);
    if (!folder) {
      if (folder.error().kind != ErrorKind::not_found) reason = folder.error();
      continue;
    }
    FileDescriptor socket = new_socket();
    const sockaddr_un address = address_in(*folder);
    if (!socket || ::connect(socket.get(), generic(address), sizeof address) != 0) {
      // Refused: what a server that was killed has left.
      if (errno != ENOENT && errno != ECONNREFUSED) {
        reason = {ErrorKind::unavailable, failure(path + "/" + kSocketName, errno).message};
      }
      continue;
    }
    if (!peer_is_own_user(socket.get())) {
      reason = {ErrorKind::unavailable, "another user listens at " + path};
      continue;
    }
    return socket;
  }
  return reason;
}

bool peer_is_own_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.uid == ::geteuid();
}

std::optional<std::string> read_one_line(int socket, std::chrono::milliseconds timeout) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + timeout;
  std::string line;
  std::array<char, 4096> bytes{};
  while (line.size() < kLongestLine) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd ready{socket, POLLIN, 0};
    const int polled = left <= 0 ? 0 : ::poll(&ready, 1, static_cast<int>(left));
    if (polled < 0 && errno == EINTR) continue;
    if (polled <= 0) return std::nullopt;
    const ssize_t seen = ::recv(socket, bytes.data(), bytes.size(), MSG_PEEK);
    if (seen < 0 && would_block(errno)) continue;
    if (seen <= 0) return std::nullopt;
    const std::string_view text(bytes.data(), static_cast<std::size_t>(seen));
    const std::size_t end = text.find('\n');
    const std::size_t wanted = end == std::string_view::npos ? text.size() : end + 1;
    const ssize_t taken = ::recv(socket, bytes.data(), wanted, 0);
    if (taken <= 0) return std::nullopt;
    line.append(bytes.data(), static_cast<std::size_t>(taken));
    if (line.back() == '\n') {
      line.pop_back();
      return line;
    }
  }
  return std::nullopt;
}

}  // namespace callslip
