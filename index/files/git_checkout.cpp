#include "index/files/git_checkout.h"

#include <sys/stat.h>

#include <cstdint>
#include <string_view>

#include "index/files/atomic_file.h"

namespace callslip {

namespace {

constexpr std::uint64_t max_pointer_bytes = std::uint64_t{64} << 10;

std::string first_line(const std::string& path) {
  const Result<std::string> text = read_file(path, max_pointer_bytes);
  if (!text) return {};
  const std::string& bytes = text.value();
  return bytes.substr(0, bytes.find_first_of("\r\n"));
}

std::string resolve(const std::string& directory, const std::string& path) {
  return path.starts_with('/') ? path : directory + "/" + path;
}

}  // namespace

std::optional<std::string> find_checkout(const std::string& directory) {
  std::string top = directory;
  while (true) {
    struct stat status {};
    if (::stat((top + "/.git").c_str(), &status) == 0 &&
        (S_ISDIR(status.st_mode) || S_ISREG(status.st_mode))) {
      return top;
    }
    if (top.empty()) return std::nullopt;
    top.resize(top.rfind('/'));
  }
}

std::string checkout_git_directory(const std::string& top) {
  std::string git = top + "/.git";
  struct stat status {};
  if (::stat(git.c_str(), &status) != 0) return {};
  if (!S_ISREG(status.st_mode)) return git;
  constexpr std::string_view key = "gitdir: ";
  const std::string line = first_line(git);
  if (!line.starts_with(key)) return {};
  return resolve(top, line.substr(key.size()));
}

std::string checkout_exclude_file(const std::string& top) {
  std::string git = checkout_git_directory(top);
  if (git.empty()) return {};
  const std::string common = first_line(git + "/commondir");
  if (!common.empty()) git = resolve(git, common);
  return git + "/info/exclude";
}

}  // namespace callslip
