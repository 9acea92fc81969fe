#include "index/files/file_walker.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unicode/utf8.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "index/files/atomic_file.h"
#include "index/files/file_descriptor.h"
#include "index/files/ignore_tree.h"

namespace callslip {

namespace {

// Ancestors beyond these are closed, and opened again on the way back: a tree may be 2,000 deep, a
// process has 1,024 descriptors, and a server needs them for its clients.
constexpr std::size_t max_open_directories = 32;

}  // namespace

std::string as_utf8(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    UChar32 character = 0;
    U8_NEXT(text.data(), at, text.size(), character);
    if (character >= 0) {
      out.append(text.substr(start, at - start));
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[start]);
    out.append({'%', digits[byte >> 4], digits[byte & 15]});
    at = start + 1;
  }
  return out;
}

namespace {

std::string size_text(std::uint64_t bytes) {
  const auto whole = [bytes](int shift) { return bytes >> shift << shift == bytes && bytes > 0; };
  if (whole(30)) return std::to_string(bytes >> 30) + " GiB";
  if (whole(20)) return std::to_string(bytes >> 20) + " MiB";
  if (whole(10)) return std::to_string(bytes >> 10) + " KiB";
  return std::to_string(bytes) + " bytes";
}

std::int64_t nanoseconds(const struct timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

std::optional<std::string> real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (!real) return std::nullopt;
  return std::string(real.get());
}

Error root_error(const std::string& root, int number) {
  const std::string name = as_utf8(root);
  struct stat status {};
  if (number == ENOENT && ::lstat(root.c_str(), &status) == 0 && S_ISLNK(status.st_mode)) {
    return {ErrorKind::not_found, name + " is a symlink that leads nowhere; mend or leave it out"};
  }
  if (number == ENOENT || number == ENOTDIR) {
    return {ErrorKind::not_found,
            name + " does not exist; check the path, or mount the disk it is on"};
  }
  const std::string remedy = number == EACCES || number == EPERM
                                 ? "; let this user read it, or leave it out"
                                 : "; check the path and the disk it is on";
  return {ErrorKind::io, "cannot read " + name + ": " + describe_errno(number) + remedy};
}

FoundFile found_file(const std::string& path, std::string_view relative,
                     const struct stat& status) {
  return {.path = path,
          .relative = as_utf8(relative),
          .size = static_cast<std::uint64_t>(status.st_size),
          .mtime_ns = nanoseconds(status.st_mtim),
          .ctime_ns = nanoseconds(status.st_ctim),
          .inode = static_cast<std::uint64_t>(status.st_ino)};
}

std::string_view base_name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_too_large(const WalkOptions& options, std::string_view name, const struct stat& status) {
  return static_cast<std::uint64_t>(status.st_size) > options.max_file_size &&
         !(options.size_exempt && options.size_exempt(name));
}

std::string too_large_text(const WalkOptions& options) {
  return "larger than " + size_text(options.max_file_size) + " (--max-file-size)";
}

struct Entry {
  std::string name;
  unsigned char type = DT_UNKNOWN;
};

/// A directory that is being walked.
struct Level {
  FileDescriptor fd;  // none while deeper ones are walked, see max_open_directories
  dev_t device = 0;
  ino_t inode = 0;
  std::vector<Entry> entries;
  std::size_t next = 0;
  std::size_t path_size = 0;       // of its own path
  const PathTree* only = nullptr;  // of its entries; null: all
};

/// Reads all entries; 0 or the errno. What was read before an error is kept.
int read_entries(int fd, std::vector<Entry>& entries) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);  // closedir closes what it was given
  if (copy < 0) return errno;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(copy), &::closedir);
  if (!directory) {
    ::close(copy);
    return ENOMEM;  // the only reason it has for a directory's descriptor
  }
  while (true) {
    errno = 0;
    const struct dirent* entry = ::readdir(directory.get());  // NOLINT(concurrency-mt-unsafe)
    if (entry == nullptr) return errno;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") entries.push_back({std::string(name), entry->d_type});
  }
}

class Walker {
 public:
  /// `root` is "" for "/".
  Walker(const std::string& root, const WalkOptions& options, WalkSink& sink)
      : options_(options),
        sink_(sink),
        path_(root),
        root_size_(root.size()),
        rules_(root, [this](const std::string& path, const std::string& reason) {
          complain(path, reason);
        }) {}
  Walker(const Walker&) = delete;
  Walker& operator=(const Walker&) = delete;
  ~Walker() = default;

  Status run();

 private:
  std::string relative() const {
    return path_.size() > root_size_ ? as_utf8(path_.substr(root_size_ + 1)) : std::string();
  }
  std::string current_directory() const { return path_.empty() ? "/" : path_; }
  std::string root() const { return root_size_ == 0 ? "/" : path_.substr(0, root_size_); }

  void skip(SkipKind kind, bool directory, std::string reason) {
    sink_.on_skip({relative(), kind, directory, std::move(reason)});
  }
  void complain(const std::string& path, const std::string& reason) {
    const std::string_view start = std::string_view(path_).substr(0, root_size_);
    const bool below = path.starts_with(start) && path.substr(root_size_).starts_with('/');
    sink_.on_skip({as_utf8(below ? path.substr(root_size_ + 1) : path), SkipKind::unreadable, false,
                   as_utf8(reason)});
  }
  void skip_unreadable(bool directory, int number) {
    skip(SkipKind::unreadable, directory, "cannot be read: " + describe_errno(number));
  }

  int enter(FileDescriptor fd, const PathTree* only);
  int list(int fd, Level& level, IgnoreTree::Markers& markers);
  void leave();

  Status visit(Entry entry);
  void visit_directory(const std::string& name);
  Status visit_file(const std::string& name);
  bool skipped_by_rules(bool directory);
  bool matches(const Glob& glob, bool directory);
  void skip_symlink();

  const WalkOptions& options_;
  WalkSink& sink_;
  std::string path_;  // of what is being looked at; empty for "/"
  std::size_t root_size_;
  std::vector<Level> levels_;
  IgnoreTree rules_;
};

Status Walker::run() {
  FileDescriptor fd(::open(root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return root_error(root(), errno);
  if (const int number = enter(std::move(fd), options_.only); number != 0) {
    return root_error(root(), number);
  }
  const dev_t device = levels_.front().device;
  const ino_t inode = levels_.front().inode;

  while (!levels_.empty()) {
    if (options_.stop.stop_requested()) {
      return Error{ErrorKind::cancelled, "stopped while reading " + as_utf8(root())};
    }
    Level& level = levels_.back();
    path_.resize(level.path_size);
    if (level.next == level.entries.size()) {
      leave();
      continue;
    }
    Entry entry = std::move(level.entries[level.next++]);
    path_.append("/").append(entry.name);
    if (Status status = visit(std::move(entry)); !status) return status;
  }

  // A root that went away makes everything look deleted, and that would be believed.
  struct stat status {};
  if (::stat(root().c_str(), &status) != 0) return root_error(root(), errno);
  if (status.st_dev != device || status.st_ino != inode) {
    return Error{ErrorKind::io, as_utf8(root()) + " was replaced while it was read; try again"};
  }
  return {};
}

/// Makes the directory at path_ the current level. Returns 0, or the errno of what failed.
int Walker::enter(FileDescriptor fd, const PathTree* only) {
  Level level;
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return errno;
  if (only != nullptr && !only->whole()) level.only = only;
  IgnoreTree::Markers markers;
  if (const int number = list(fd.get(), level, markers); number != 0) {
    if (levels_.empty() || level.entries.empty()) return number;
    skip_unreadable(true, number);  // and go on with what could be read
  }
  level.fd = std::move(fd);
  level.device = status.st_dev;
  level.inode = status.st_ino;
  level.path_size = path_.size();
  rules_.enter(path_, markers);
  levels_.push_back(std::move(level));
  if (levels_.size() > max_open_directories) {
    levels_[levels_.size() - 1 - max_open_directories].fd.reset();
  }
  return 0;
}

/// The entries that are wanted, in order, and which ignore files there may be. 0 or the errno.
int Walker::list(int fd, Level& level, IgnoreTree::Markers& markers) {
  if (level.only != nullptr) {
    for (const auto& [name, below] : level.only->children()) level.entries.push_back({name});
    markers = {true, true, true};
    return 0;
  }
  sink_.on_directory(current_directory());
  const int number = read_entries(fd, level.entries);
  std::sort(level.entries.begin(), level.entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  for (const Entry& entry : level.entries) markers.note(entry.name);
  return number;
}

void Walker::leave() {
  levels_.pop_back();
  rules_.leave();
  if (levels_.empty()) return;
  Level& parent = levels_.back();
  if (parent.fd || parent.next == parent.entries.size()) return;

  path_.resize(parent.path_size);
  FileDescriptor fd(
      ::open(current_directory().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (fd && ::fstat(fd.get(), &status) == 0 && status.st_dev == parent.device &&
      status.st_ino == parent.inode) {
    parent.fd = std::move(fd);
    return;
  }
  parent.next = parent.entries.size();  // the rest of it is unknown, not gone
  skip(SkipKind::unreadable, true, "moved, or closed to this user, while it was read");
}

Status Walker::visit(Entry entry) {
  if (entry.type == DT_UNKNOWN) {
    struct stat status {};
    if (::fstatat(levels_.back().fd.get(), entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) skip_unreadable(false, errno);
      return {};
    }
    entry.type = IFTODT(status.st_mode);
  }
  const bool directory = entry.type == DT_DIR;
  if (entry.name.front() == '.') {
    skip(SkipKind::hidden, directory, "hidden: its name begins with a dot");
  } else if (path_.size() >= PATH_MAX) {
    skip(SkipKind::unreadable, directory, "path too long: more than 4095 bytes");
  } else if (skipped_by_rules(directory)) {
    return {};
  } else if (directory) {
    visit_directory(entry.name);
  } else if (entry.type == DT_LNK) {
    skip_symlink();
  } else if (entry.type == DT_REG) {
    return visit_file(entry.name);
  } else {
    skip(SkipKind::special, false, "not a file: a socket, a pipe or a device");
  }
  return {};
}

void Walker::visit_directory(const std::string& name) {
  FileDescriptor fd(::openat(levels_.back().fd.get(), name.c_str(),
                             O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  const PathTree* only = levels_.back().only;
  const int number =
      fd ? enter(std::move(fd), only == nullptr ? nullptr : only->child(name)) : errno;
  const bool gone = number == ENOENT || number == ENOTDIR || number == ELOOP;
  if (number != 0 && !gone) skip_unreadable(true, number);
}

Status Walker::visit_file(const std::string& name) {
  const auto included = [this](const Glob& glob) { return matches(glob, false); };
  if (!options_.include.empty() &&
      std::none_of(options_.include.begin(), options_.include.end(), included)) {
    skip(SkipKind::excluded, false, "not matched by --include");
    return {};
  }
  struct stat status {};
  if (::fstatat(levels_.back().fd.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno != ENOENT) skip_unreadable(false, errno);
    return {};
  }
  if (!S_ISREG(status.st_mode)) return {};  // replaced since the directory was read
  if (is_too_large(options_, name, status)) {
    skip(SkipKind::too_large, false, too_large_text(options_));
    return {};
  }
  return sink_.on_file(found_file(path_, std::string_view(path_).substr(root_size_ + 1), status));
}

/// Reports the path and says true when --exclude or an ignore file is against it.
bool Walker::skipped_by_rules(bool directory) {
  if (directory && path_ == options_.own_directory) {
    skip(SkipKind::excluded, true, "the index itself");
    return true;
  }
  for (const Glob& glob : options_.exclude) {
    if (!matches(glob, directory)) continue;
    skip(SkipKind::excluded, directory, "matched by --exclude " + as_utf8(glob.pattern()));
    return true;
  }
  const IgnoreStack::Verdict verdict = rules_.match(path_, directory);
  if (!verdict.ignored()) return false;
  skip(SkipKind::ignored, directory,
       "ignored by " + as_utf8(verdict.rules->source()) + ":" + std::to_string(verdict.rule->line) +
           ": " + as_utf8(verdict.rule->text));
  return true;
}

bool Walker::matches(const Glob& glob, bool directory) {
  const auto test = [this, &glob](std::string_view path) {
    if (!glob.pattern().starts_with('/')) return glob.matches(path.substr(root_size_ + 1));
    return glob.matches(path.substr(root_size_)) || glob.matches(path);
  };
  if (test(path_)) return true;
  if (!directory) return false;
  path_.push_back('/');  // `build/**` and `build/` take all of it, so it need not be entered
  const bool all_below = test(path_);
  path_.pop_back();
  return all_below;
}

void Walker::skip_symlink() {
  const std::optional<std::string> target = real_path(path_);
  if (!target) {
    const int number = errno;
    const bool broken = number == ENOENT || number == ENOTDIR || number == ELOOP;
    return skip(SkipKind::symlink, false,
                broken ? "broken symlink" : "symlink: " + describe_errno(number));
  }
  const std::string_view all = *target;
  const std::string_view start = std::string_view(path_).substr(0, root_size_);
  if (all.starts_with(start) && all.size() > start.size() && all[start.size()] == '/') {
    return skip(SkipKind::symlink, false,
                "symlink to " + as_utf8(all.substr(start.size() + 1)) +
                    ", which is looked at under its own name");
  }
  if (all == root()) return skip(SkipKind::symlink, false, "symlink to the root itself");
  skip(SkipKind::symlink, false, "symlink leads outside, to " + as_utf8(all));
}

Status walk_file(const std::string& path, std::string_view name, const struct stat& status,
                 const WalkOptions& options, WalkSink& sink) {
  if (is_too_large(options, name, status)) {
    sink.on_skip({as_utf8(name), SkipKind::too_large, false, too_large_text(options)});
    return {};
  }
  return sink.on_file(found_file(path, name, status));
}

}  // namespace

Status walk(const std::string& root, const WalkOptions& options, WalkSink& sink) {
  if (root.empty())
    return Error{ErrorKind::invalid_argument, "an empty path; name a file or folder"};
  const std::optional<std::string> path = real_path(root);
  if (!path) return root_error(root, errno);
  struct stat status {};
  if (::stat(path->c_str(), &status) != 0) return root_error(root, errno);
  if (S_ISDIR(status.st_mode)) {
    return Walker(*path == "/" ? "" : *path, options, sink).run();
  }
  if (S_ISREG(status.st_mode)) {
    return walk_file(*path, base_name_of(root), status, options, sink);
  }
  return Error{ErrorKind::unsupported,
               as_utf8(root) + " is neither a file nor a folder; name one of these"};
}

}  // namespace callslip
