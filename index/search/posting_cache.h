// PostingCache: decoded posting lists, bounded in bytes, least recently used out first.
//
// Decoding costs ten times what scoring does (MEASURED: long queries), and the same words come
// again. Any thread may call; lists are shared and immutable.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "index/store/segment.h"

namespace callslip {

class PostingCache {
 public:
  explicit PostingCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// `view` tells apart segments and their dead chunks. Null when the list is not here.
  std::shared_ptr<const PostingList> find(std::uint64_t view, std::string_view term);
  void insert(std::uint64_t view, std::string_view term, std::shared_ptr<const PostingList> list);

  std::size_t bytes() const;

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const PostingList> list;
    std::size_t bytes;
  };
  static std::string key_of(std::uint64_t view, std::string_view term);

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::list<Entry> entries_;  // the most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;
  std::size_t bytes_ = 0;
};

}  // namespace callslip
