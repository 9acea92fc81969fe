#include "plugin/access/token_store.h"

#include <sys/stat.h>

#include "plugin/access/secrets.h"

namespace callslip {
namespace {

/// File systems keep times in steps, of 4 ms mostly: a change soon after another may not show.
constexpr std::int64_t kSettlesAfterNs = 100'000'000;

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

}  // namespace

TokenStore::TokenStore(const std::vector<std::string>& paths, OnTrouble on_trouble)
    : on_trouble_(std::move(on_trouble)) {
  for (const std::string& path : paths) files_.push_back({path, {}, false, "", {}});
}

TokenStore::Stamp TokenStore::stamp_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
          nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

std::string TokenStore::hash_of(std::string_view token) { return sha256_hex(token); }

Status TokenStore::load() {
  const std::lock_guard lock(mutex_);
  for (File& file : files_) {
    auto records = read_token_file(file.path);
    if (!records) return records.error();
    refresh(file);
  }
  return {};
}

void TokenStore::refresh(File& file) {
  const Stamp now = stamp_of(file.path);
  if (file.settled && now == file.stamp) return;
  timespec clock{};
  ::clock_gettime(CLOCK_REALTIME, &clock);
  file.stamp = now;
  file.settled = nanoseconds(clock) - now.ctime_ns > kSettlesAfterNs;
  auto records = read_token_file(file.path);
  std::string trouble;
  if (records) {
    file.records = std::move(records).value();
  } else {
    file.records.clear();
    trouble = records.error().message;
  }
  if (!trouble.empty() && trouble != file.trouble && on_trouble_) {
    on_trouble_(trouble + "; until that is mended its tokens are refused");
  }
  file.trouble = std::move(trouble);
}

std::optional<TokenRecord> TokenStore::find_hash(std::string_view sha256) {
  const std::lock_guard lock(mutex_);
  std::optional<TokenRecord> found;
  for (File& file : files_) {
    refresh(file);
    // All of them, whatever is found: how long it takes tells nothing.
    for (const TokenRecord& record : file.records) {
      if (equal_in_constant_time(record.sha256, sha256)) found = record;
    }
  }
  return found;
}

}  // namespace callslip
