#include "index/watch/inotify_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>

#include "index/files/git_checkout.h"
#include "index/watch/file_system_kind.h"

namespace callslip {
namespace {

constexpr std::chrono::milliseconds kRootCheck{1000};
constexpr std::chrono::milliseconds kLockCheck{20};

std::string parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

bool is_below(std::string_view path, std::string_view directory) {
  if (directory == "/") return path.size() > 1;
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

std::string joined(const std::string& directory, const std::string& name) {
  if (name.empty()) return directory;
  return (directory == "/" ? "" : directory) + "/" + name;
}

/// What decides about other files: their rules, and whether git's rules count at all.
bool is_rule_name(std::string_view name) {
  return name == ".gitignore" || name == ".callslipignore" || name == ".git";
}

}  // namespace

std::unique_ptr<FileWatch> watch_files(const std::vector<std::string>& roots,
                                       const WatchOptions& options) {
  if (options.poll) return std::make_unique<PollingWatch>("asked for", options);
  auto watch = InotifyWatch::open(roots, options);
  if (watch) return std::move(watch).value();
  return std::make_unique<PollingWatch>(watch.error().message, options);
}

Result<std::unique_ptr<FileWatch>> InotifyWatch::open(const std::vector<std::string>& roots,
                                                      const WatchOptions& options) {
  auto directories = WatchedDirectories::open();
  if (!directories) return directories.error();
  FileDescriptor wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake) return system_error("eventfd", errno);
  std::unique_ptr<InotifyWatch> watch(
      new InotifyWatch(std::move(directories).value(), std::move(wake), options));
  for (const std::string& root : roots) watch->roots_.push_back({root, "", false, 0, 0});
  // Whoever made this looks at everything first: what the check finds now is no news.
  watch->check_roots(std::chrono::steady_clock::now());
  watch->burst_.take();
  watch->publish();
  return std::unique_ptr<FileWatch>(std::move(watch));
}

InotifyWatch::InotifyWatch(WatchedDirectories directories, FileDescriptor wake,
                           const WatchOptions& options)
    : options_(options),
      directories_(std::move(directories)),
      wake_(std::move(wake)),
      burst_(options),
      poll_(options.poll_interval),
      next_check_(std::chrono::steady_clock::now()),
      look_again_(next_check_ + options.look_again) {}

void InotifyWatch::check_roots(Time now) {
  next_check_ = now + kRootCheck;
  for (Root& root : roots_) {
    Root seen{root.given, "", false, 0, 0};
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(root.given.c_str(), nullptr),
                                                           &std::free);
    struct stat status {};
    if (real && ::stat(real.get(), &status) == 0) {
      seen.path = real.get();
      seen.folder = S_ISDIR(status.st_mode);
      seen.device = status.st_dev;
      seen.inode = status.st_ino;
    }
    if (seen.path == root.path && seen.device == root.device && seen.inode == root.inode) continue;
    const Root before = std::exchange(root, std::move(seen));
    root_changed(before, root, now);
  }
}

void InotifyWatch::root_changed(const Root& before, const Root& root, Time now) {
  if (!before.path.empty() && before.folder) directories_.remove(before.path);
  if (!before.path.empty()) burst_.add(before.path, now);
  if (root.path.empty()) return;
  burst_.add(root.path, now);
  watch_above(root);
}

/// What is above a root: the folder of a file, and rules of the checkout that it lies in.
void InotifyWatch::watch_above(const Root& root) {
  if (!root.folder) return watch_beside(parent_of(root.path));
  const auto top = find_checkout(root.path == "/" ? "" : root.path);
  if (!top) return;
  note_checkout(*top);
  for (std::string at = root.path; at.size() > top->size();) {
    at = parent_of(at);
    watch_beside(at);
    if (at == "/") break;
  }
}

void InotifyWatch::watch_beside(const std::string& path) {
  beside_.insert(path);
  watch(path);
}

void InotifyWatch::add_directory(const std::string& path) {
  const bool watched = watch(path);
  publish();
  if (!watched) return;
  struct stat status {};
  const std::string top = path == "/" ? "" : path;
  if (::stat((top + "/.git").c_str(), &status) == 0) note_checkout(top);
}

void InotifyWatch::note_checkout(const std::string& top) {
  const auto exclude = checkouts_.add(top);
  if (!exclude) return;
  const std::string folder = parent_of(*exclude);
  struct stat status {};
  if (::stat(folder.c_str(), &status) == 0) watch_beside(folder);
}

bool InotifyWatch::watch(const std::string& path) {
  if (const auto kind = silent_file_system(path)) {
    polled_because_ = path + " is on " + *kind + ", which does not tell of all changes";
  }
  if (directories_.size() >= options_.max_directories) {
    polled_because_ =
        "no more than " + std::to_string(options_.max_directories) + " folders may be watched";
    return false;
  }
  const Status added = directories_.add(path);
  if (added || added.error().kind == ErrorKind::not_found) return added.ok();
  polled_because_ = added.error().message;
  return false;
}

Changes InotifyWatch::wait(const std::stop_token& stop) {
  poll_.look_ends();
  publish();
  const std::stop_callback on_stop(stop, [this] { ::eventfd_write(wake_.get(), 1); });
  while (!stop.stop_requested()) {
    Time now = std::chrono::steady_clock::now();
    read_events(now);
    if (now >= next_check_) check_roots(now);
    auto wake = next_check_;
    if (const auto due = burst_.due(now)) {
      const bool patient = now - burst_.began() < options_.checkout;
      if (*due > now) {
        wake = std::min(wake, *due);
      } else if (patient && checkouts_.busy(burst_)) {
        wake = std::min(wake, now + kLockCheck);
      } else {
        Changes changes = burst_.take();
        poll_.look_begins();
        return changes.everything ? look_at_everything() : changes;
      }
    } else if (now >= look_again_) {
      return look_at_everything();
    } else if (!polled_because_.empty()) {
      if (now >= poll_.due()) {
        poll_.look_begins();
        polled_because_.clear();  // unless the look says it again
        return {true, {}};
      }
      wake = std::min(wake, poll_.due());
    }
    std::array<struct pollfd, 2> waiting{
        {{directories_.descriptor(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(wake - now).count();
    ::poll(waiting.data(), waiting.size(), static_cast<int>(std::max<std::int64_t>(left, 0)));
  }
  return {};
}

/// Watches are set anew as the look goes on: those of folders that are ignored by now go.
Changes InotifyWatch::look_at_everything() {
  look_again_ = std::chrono::steady_clock::now() + options_.look_again;
  polled_because_.clear();
  burst_.take();
  for (const Root& root : roots_) {
    if (root.folder) directories_.remove(root.path);
  }
  for (const std::string& path : beside_) watch(path);
  poll_.look_begins();
  return {true, {}};
}

void InotifyWatch::read_events(Time now) {
  for (const FileEvent& event : directories_.read()) take(event, now);
}

void InotifyWatch::take(const FileEvent& event, Time now) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    ++overflows_;
    burst_.add_everything(now);
    publish();
    return;
  }
  if (event.directory.empty() || (event.mask & IN_IGNORED) != 0) return;
  const std::string path = joined(event.directory, event.name);
  if (event.name.empty()) {
    if (is_root(path) || (event.mask & IN_UNMOUNT) != 0) next_check_ = now;
    if (in_root(path) && (event.mask & (IN_ATTRIB | IN_UNMOUNT)) != 0) burst_.add(path, now);
    return;
  }
  if (const std::string* top = checkouts_.excludes_for(path)) {
    return rules_changed(top->empty() ? "/" : *top, now);
  }
  if (is_rule_name(event.name)) return rules_changed(event.directory, now);
  if (is_root(path)) next_check_ = now;  // it may be another by now
  if (!in_root(path)) return;
  const bool folder = (event.mask & IN_ISDIR) != 0;
  if (folder && (event.mask & (IN_MOVED_FROM | IN_DELETE)) != 0) directories_.remove(path);
  if (event.name.front() == '.' && !is_root(path)) return;  // hidden: never looked at
  const bool written = (event.mask & (IN_CREATE | IN_MODIFY)) != 0 && !folder;
  if (written) {
    burst_.add_open(path, now);
  } else {
    burst_.add(path, now);
  }
}

/// Whatever the rules were, all below the directory is judged anew.
void InotifyWatch::rules_changed(const std::string& directory, Time now) {
  for (const Root& root : roots_) {
    if (root.path.empty() || !root.folder) continue;
    const bool above = directory == root.path || is_below(root.path, directory);
    if (!above && !is_below(directory, root.path)) continue;
    const std::string& from = above ? root.path : directory;
    directories_.remove(from);
    for (const std::string& path : beside_) {
      if (path == from || is_below(path, from)) watch(path);
    }
    burst_.add(from, now);
  }
}

bool InotifyWatch::is_root(std::string_view path) const {
  return std::any_of(roots_.begin(), roots_.end(),
                     [&](const Root& root) { return root.path == path; });
}

bool InotifyWatch::in_root(std::string_view path) const {
  return std::any_of(roots_.begin(), roots_.end(), [&](const Root& root) {
    return !root.path.empty() && (path == root.path || is_below(path, root.path));
  });
}

void InotifyWatch::publish() {
  const std::lock_guard lock(mutex_);
  status_ = {true, polled_because_, directories_.size(), overflows_};
}

WatchStatus InotifyWatch::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace callslip
