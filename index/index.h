// Index: a folder that holds an index, seen by a reader.
//
// snapshot() looks at the manifest (one stat) and follows new commits, whoever made them. Any
// thread may call. Readers take no lock and write nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "index/result.h"
#include "index/snapshot.h"

namespace callslip {

class Index {
 public:
  static constexpr std::size_t kDefaultCacheBytes = 96U << 20;

  explicit Index(std::string directory, std::size_t cache_bytes = kDefaultCacheBytes);

  /// The latest commit. ErrorKind::not_found while there is none.
  Result<std::shared_ptr<const Snapshot>> snapshot();

  const std::string& directory() const { return directory_; }

 private:
  /// Tells apart two manifests at one path: each commit makes a new file.
  struct Stamp {
    std::uint64_t inode = 0;
    std::int64_t mtime_ns = 0;
    std::uint64_t size = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  Result<Stamp> stamp() const;

  const std::string directory_;
  const std::shared_ptr<PostingCache> cache_;

  std::mutex mutex_;
  // Guarded by mutex_.
  Stamp stamp_;
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace callslip
