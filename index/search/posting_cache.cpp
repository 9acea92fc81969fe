#include "index/search/posting_cache.h"

namespace callslip {

std::string PostingCache::key_of(std::uint64_t view, std::string_view term) {
  std::string key(reinterpret_cast<const char*>(&view), sizeof view);
  key.append(term);
  return key;
}

std::shared_ptr<const PostingList> PostingCache::find(std::uint64_t view, std::string_view term) {
  const std::string key = key_of(view, term);
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->list;
}

void PostingCache::insert(std::uint64_t view, std::string_view term,
                          std::shared_ptr<const PostingList> list) {
  const std::size_t bytes = list->memory_bytes() + sizeof(Entry) + term.size() + 64;
  if (bytes > max_bytes_) return;
  std::string key = key_of(view, term);
  const std::lock_guard lock(mutex_);
  if (by_key_.contains(key)) return;
  entries_.push_front({std::move(key), std::move(list), bytes});
  by_key_[entries_.front().key] = entries_.begin();
  bytes_ += bytes;
  while (bytes_ > max_bytes_) {
    bytes_ -= entries_.back().bytes;
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

std::size_t PostingCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace callslip
