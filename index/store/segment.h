// Segment: one immutable part of an index, opened for reading.
//
// Any thread may call. Files are opened once and stay open, so that a segment that a later commit
// has removed from the disk can still be read by those who hold it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "index/files/file_descriptor.h"
#include "index/result.h"
#include "index/search/fuzzy_word.h"
#include "index/store/catalog.h"
#include "index/store/segment_writer.h"
#include "index/store/text_store.h"

namespace Xapian {
class Database;
}

namespace callslip {

/// A term's occurrences: chunks ascending, and how often each holds it.
struct PostingList {
  std::vector<std::uint32_t> chunks;
  std::vector<std::uint16_t> frequencies;

  std::size_t memory_bytes() const { return sizeof *this + chunks.capacity() * 6; }
};

/// Chunks of a segment that belong to dead documents, by chunk; empty: none.
using DeadChunks = std::vector<bool>;

class Segment {
 public:
  /// Verifies sizes and the catalog's checksum. ErrorKind::damaged where they do not agree.
  static Result<std::shared_ptr<const Segment>> open(const std::string& directory,
                                                     const SegmentInfo& info);
  ~Segment();

  const Catalog& catalog() const { return *catalog_; }
  const TextStore& texts() const { return *texts_; }

  /// Decodes a term's posting list, without the dead chunks.
  Result<std::shared_ptr<const PostingList>> postings(const std::string& term,
                                                      const DeadChunks& dead) const;

  /// The terms close to a word, dead chunks' too. Each that is looked at takes one of `steps`; at
  /// none the search ends early.
  Result<std::vector<CloseTerm>> terms_close_to(FuzzyWord word, std::size_t& steps) const;

 private:
  Segment() = default;
  Result<std::unique_ptr<Xapian::Database>> take_handle() const;
  void put_back(std::unique_ptr<Xapian::Database> handle) const;

  std::string directory_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<TextStore> texts_;
  FileDescriptor postings_;

  mutable std::mutex
      opening_;  // duplicates of a descriptor share its position, which opening moves
  // Xapian's objects are for one thread at a time: idle ones wait here. Guarded by mutex_.
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Xapian::Database>> idle_;
};

}  // namespace callslip
