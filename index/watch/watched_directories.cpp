#include "index/watch/watched_directories.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "index/files/atomic_file.h"

namespace callslip {
namespace {

constexpr std::uint32_t kMask = IN_CREATE | IN_DELETE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM |
                                IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |
                                IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;

/// A number that the system keeps in a file; empty where it tells none.
std::string limit(const char* name) {
  const auto text = read_file(std::string("/proc/sys/fs/inotify/") + name, 64);
  return text ? " (" + text->substr(0, text->find('\n')) + ")" : "";
}

}  // namespace

Result<WatchedDirectories> WatchedDirectories::open() {
  FileDescriptor queue(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (queue) return WatchedDirectories(std::move(queue));
  if (errno == EMFILE) {
    return Error{ErrorKind::unavailable,
                 "this user has no more inotify instances; raise fs.inotify.max_user_instances" +
                     limit("max_user_instances")};
  }
  return Error{ErrorKind::unavailable, "no inotify: " + describe_errno(errno)};
}

Status WatchedDirectories::add(const std::string& path) {
  const int number = ::inotify_add_watch(queue_.get(), path.c_str(), kMask);
  if (number < 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EACCES) {
      return Error{ErrorKind::not_found, path + ": " + describe_errno(errno)};
    }
    if (errno == ENOSPC) {
      return Error{ErrorKind::unavailable,
                   "this user has no more inotify watches; raise fs.inotify.max_user_watches" +
                       limit("max_user_watches")};
    }
    return Error{ErrorKind::unavailable, "inotify: " + describe_errno(errno)};
  }
  // A directory that was moved here is watched already: its number then stood for another path.
  std::string& known = by_number_[number];
  if (known == path) return {};
  if (const auto old = by_path_.find(known); old != by_path_.end() && old->second == number) {
    by_path_.erase(old);
  }
  known = path;
  const auto [at, fresh] = by_path_.try_emplace(path, number);
  if (!fresh) {  // another directory stood here
    by_number_.erase(at->second);
    ::inotify_rm_watch(queue_.get(), at->second);
    at->second = number;
  }
  return {};
}

void WatchedDirectories::remove(std::string_view path) {
  const auto take_off = [this](auto at) {
    ::inotify_rm_watch(queue_.get(), at->second);
    by_number_.erase(at->second);
    return by_path_.erase(at);
  };
  if (const auto at = by_path_.find(path); at != by_path_.end()) take_off(at);
  const std::string below = std::string(path == "/" ? "" : path) + "/";
  for (auto at = by_path_.lower_bound(below);
       at != by_path_.end() && at->first.starts_with(below);) {
    at = take_off(at);
  }
}

std::vector<FileEvent> WatchedDirectories::read() {
  std::vector<FileEvent> events;
  alignas(inotify_event) char buffer[64 << 10];
  for (;;) {
    const ssize_t n = ::read(queue_.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return events;
    parse({buffer, static_cast<std::size_t>(n)}, events);
  }
}

void WatchedDirectories::parse(std::string_view bytes, std::vector<FileEvent>& events) {
  while (bytes.size() >= sizeof(inotify_event)) {
    inotify_event event;
    std::memcpy(&event, bytes.data(), sizeof event);
    const char* name = bytes.data() + sizeof event;
    bytes.remove_prefix(sizeof event + event.len);
    const auto directory = by_number_.find(event.wd);
    FileEvent told;
    told.mask = event.mask;
    if (directory != by_number_.end()) told.directory = directory->second;
    if (event.len > 0) told.name = name;  // it ends with a zero
    if ((event.mask & IN_IGNORED) != 0 && directory != by_number_.end()) {
      by_path_.erase(directory->second);
      by_number_.erase(directory);
    }
    events.push_back(std::move(told));
  }
}

}  // namespace callslip
