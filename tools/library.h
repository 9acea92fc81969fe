// Library: what the tools share: the index, its tokens, and how far a running indexing is.
//
// Any thread may call. Outlives every call of a tool.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "index/index.h"
#include "index/result.h"
#include "index/snapshot.h"
#include "index/token_counter.h"
#include "tools/call_context.h"

namespace callslip {

/// How far an indexing in the background is, in files.
struct IndexingState {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

/// What every result says of the index.
struct IndexInfo {
  std::uint64_t documents = 0;
  std::uint64_t chunks = 0;
  std::string revision;
  std::optional<IndexingState> indexing;
  bool changed = false;  // a cursor was made at another revision
};

/// An index at one revision, with its token counter.
struct LibraryView {
  std::shared_ptr<const Snapshot> snapshot;
  std::shared_ptr<const TokenCounter> tokens;
  IndexInfo info;
};

class Library {
 public:
  explicit Library(std::shared_ptr<Index> index);

  /// The latest commit. While an indexing runs and there is none yet, waits up to 5 seconds for
  /// it; then the view is empty.
  Result<LibraryView> view(const CallContext& context);

  Index& index() { return *index_; }

  /// Told by whoever indexes in this process; nothing: it has ended.
  void set_indexing(std::optional<IndexingState> state);

 private:
  Result<std::shared_ptr<const TokenCounter>> tokens_of(const Snapshot& snapshot);

  const std::shared_ptr<Index> index_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::optional<IndexingState> indexing_;
  std::string tokenizer_;
  std::shared_ptr<const TokenCounter> tokens_;
};

}  // namespace callslip
