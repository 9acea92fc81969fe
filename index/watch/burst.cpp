#include "index/watch/burst.h"

#include <algorithm>
#include <utility>

namespace callslip {
namespace {

constexpr std::size_t kMany = 64;          // paths, from which on a tool is at work
constexpr std::size_t kTooMany = 100'000;  // a look at everything costs less
constexpr std::size_t kMostOpen = 10'000;
constexpr int kLongestOpen = 10;  // times as long as a write is waited for: for one that never ends

}  // namespace

void Burst::add(std::string path, Time now) {
  open_.erase(path);
  if (empty()) first_ = now;
  last_ = now;
  if (everything_) return;
  paths_.insert(std::move(path));
  if (paths_.size() > kTooMany) add_everything(now);
}

void Burst::add_open(const std::string& path, Time now) {
  if (open_.size() >= kMostOpen && !open_.contains(path)) return add(path, now);
  const auto [at, fresh] = open_.try_emplace(path, Writing{now, now});
  at->second.last = now;
}

void Burst::add_everything(Time now) {
  if (empty()) first_ = now;
  last_ = now;
  everything_ = true;
  paths_.clear();
  open_.clear();
}

/// Takes in what nobody has closed, but nobody has written to for a while.
void Burst::settle(Time now) {
  for (auto at = open_.begin(); at != open_.end();) {
    const bool quiet = now - at->second.last >= options_.open_file;
    const bool endless = now - at->second.first >= kLongestOpen * options_.open_file;
    if (!quiet && !endless) {
      ++at;
      continue;
    }
    // It has waited long enough by itself.
    const bool first = empty();
    if (!everything_) paths_.insert(at->first);
    if (first) first_ = last_ = at->second.last;
    at = open_.erase(at);
  }
}

std::optional<Burst::Time> Burst::due(Time now) {
  settle(now);
  std::optional<Time> due;
  if (!empty()) {
    due = std::min(last_ + options_.quiet,
                   first_ + (large() ? options_.long_patience : options_.patience));
  }
  for (const auto& [path, writing] : open_) {
    const Time own = std::min(writing.last + options_.open_file,
                              writing.first + kLongestOpen * options_.open_file);
    due = due ? std::min(*due, own) : own;
  }
  return due;
}

Changes Burst::take() {
  Changes changes;
  changes.everything = std::exchange(everything_, false);
  for (const std::string& path : paths_) changes.paths.push_back(path);
  paths_.clear();
  return changes;
}

bool Burst::touches(std::string_view directory) const {
  if (everything_) return true;
  const auto at = paths_.lower_bound(directory);
  if (at != paths_.end() && *at == directory) return true;
  const std::string below = std::string(directory) + "/";
  const auto inner = paths_.lower_bound(below);
  return inner != paths_.end() && inner->starts_with(below);
}

bool Burst::large() const { return everything_ || paths_.size() >= kMany; }

}  // namespace callslip
