#include "index/watch/checkouts.h"

#include <sys/stat.h>

#include <algorithm>

#include "index/files/git_checkout.h"

namespace callslip {
namespace {

/// An older lock is not of what goes on now: git holds it, too, while a commit's message is
/// written, or died with it.
constexpr std::chrono::seconds kOldLock{5};

}  // namespace

std::optional<std::string> Checkouts::add(const std::string& top) {
  const std::string git = checkout_git_directory(top);
  if (git.empty()) return std::nullopt;
  locks_[top] = git + "/index.lock";
  const std::string exclude = checkout_exclude_file(top);
  if (exclude.empty()) return std::nullopt;
  excludes_[exclude] = top;
  return exclude;
}

const std::string* Checkouts::excludes_for(const std::string& path) const {
  const auto found = excludes_.find(path);
  return found == excludes_.end() ? nullptr : &found->second;
}

bool Checkouts::busy(const Burst& burst) const {
  const auto lasted = std::chrono::steady_clock::now() - burst.began();
  return std::any_of(locks_.begin(), locks_.end(), [&](const auto& checkout) {
    const auto& [top, lock] = checkout;
    struct stat status {};
    if (!burst.touches(top) || ::stat(lock.c_str(), &status) != 0) return false;
    if (burst.large()) return true;
    const auto age = std::chrono::system_clock::now() -
                     std::chrono::system_clock::from_time_t(status.st_ctim.tv_sec);
    return age - lasted < kOldLock;
  });
}

}  // namespace callslip
