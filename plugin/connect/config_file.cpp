#include "plugin/connect/config_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "index/files/atomic_file.h"
#include "index/files/file_descriptor.h"
#include "plugin/connect/config_merge.h"

namespace callslip {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargest = 16U << 20U;
constexpr int kMostBackups = 1000;

/// A copy beside the file, under a name that is free; its name.
Result<std::string> back_up(const std::string& path, std::string_view bytes) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return system_error(path, errno);
  for (int i = 1; i <= kMostBackups; ++i) {
    const std::string name = path + ".bak" + (i == 1 ? "" : std::to_string(i));
    const FileDescriptor copy(
        ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, status.st_mode & 0777));
    if (!copy && errno == EEXIST) continue;
    if (!copy) return system_error(name, errno);
    if (Status written = copy.append(bytes); !written) {
      [[maybe_unused]] const int removed = ::remove(name.c_str());
      return written.error().within("keeping a copy in " + name);
    }
    return name;
  }
  return Error{ErrorKind::io, "there are too many copies of " + path + " (.bak); remove some"};
}

Result<ConfigWritten> write_new(const std::string& path, std::string_view wanted, bool secret) {
  std::error_code ignored;
  if (fs::is_symlink(path, ignored)) {
    return Error{ErrorKind::not_found, path + " is a link to a file that is not there"};
  }
  std::error_code code;
  const fs::path folder = fs::path(path).parent_path();
  if (!folder.empty()) fs::create_directories(folder, code);
  if (code) return system_error(folder.string(), code.value());
  if (secret) {
    const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return system_error(path, errno);
  }
  if (Status written = write_file_atomically(path, wanted); !written) return written.error();
  return ConfigWritten{path, true, ""};
}

}  // namespace

Result<std::string> expand_home(std::string path) {
  const char* home = std::getenv("HOME");
  const auto from_home = [&](const std::string& rest) -> Result<std::string> {
    if (home == nullptr || *home != '/') {
      return Error{ErrorKind::not_found, "$HOME is not set; name the file with --file"};
    }
    return home + rest;
  };
  constexpr std::string_view config = "@CONFIG@";
  if (path.starts_with("~/")) return from_home(path.substr(1));
  if (!path.starts_with(config)) return path;
  const std::string rest = path.substr(config.size());
  const char* xdg = std::getenv("XDG_CONFIG_HOME");
  if (xdg != nullptr && *xdg == '/') return xdg + rest;
  return from_home("/.config" + rest);
}

Result<ConfigWritten> write_config(const std::string& path, std::string_view wanted,
                                   ConfigFormat format, bool secret) {
  const auto existing = read_file(path, kLargest);
  if (!existing) {
    if (existing.error().kind != ErrorKind::not_found) return existing.error();
    return write_new(path, wanted, secret);
  }
  auto merged = merge_config(*existing, wanted, format);
  if (!merged) {
    return Error{merged.error().kind, path + " is left as it is: " + merged.error().message};
  }
  ConfigWritten result{path, *merged != *existing, ""};
  if (!result.changed) return result;
  auto backup = back_up(path, *existing);
  if (!backup) return backup.error();
  result.backup = std::move(*backup);
  // A front end that runs may write its configuration itself.
  const auto now = read_file(path, kLargest);
  if (!now || *now != *existing) {
    return Error{ErrorKind::locked,
                 path + " is being changed by another program; close it and try again"};
  }
  if (Status written = write_file_atomically(path, *merged); !written) return written.error();
  return result;
}

}  // namespace callslip
