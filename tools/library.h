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
#include <vector>

#include "index/index.h"
#include "index/result.h"
#include "index/snapshot.h"
#include "index/tokens/token_counter.h"
#include "tools/call_context.h"

namespace callslip {

/// How far an indexing in the background is, in files. Both 0: nothing is known yet, or the caller
/// sees a part of the index only and is not told what the rest holds.
struct IndexingState {
  std::uint64_t done = 0;
  std::uint64_t total = 0;

  /// For an answer's text, with its line end.
  std::string note() const;
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

  /// The latest commit, as far as the context's collections let it be seen. While an indexing runs
  /// and there is none yet, waits up to 5 seconds for it; then the view is empty.
  Result<LibraryView> view(const CallContext& context);

  Index& index() { return *index_; }

  /// Told by whoever indexes in this process; nothing: it has ended.
  void set_indexing(std::optional<IndexingState> state);

 private:
  using Collections = std::vector<std::string>;
  struct Restricted {
    Collections collections;
    std::shared_ptr<const Snapshot> snapshot;
  };

  Result<std::shared_ptr<const TokenCounter>> tokens_of(const Snapshot& snapshot);
  std::shared_ptr<const Snapshot> restricted(const std::shared_ptr<const Snapshot>& whole,
                                             Collections collections);

  const std::shared_ptr<Index> index_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::optional<IndexingState> indexing_;
  std::string tokenizer_;
  std::shared_ptr<const TokenCounter> tokens_;

  std::mutex restricted_mutex_;
  // Guarded by restricted_mutex_. Views of one whole snapshot, the latest used last.
  std::shared_ptr<const Snapshot> whole_;
  std::vector<Restricted> restricted_;
};

}  // namespace callslip
