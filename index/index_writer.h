// IndexWriter: changes an index, one atomic commit at a time.
//
// Segments are built in a scratch folder without any lock; the writer's lock is held only while a
// commit is made, so several processes may index at once. A commit is applied to the latest
// manifest, whoever wrote it. A crash at any moment leaves the last commit: what it did not name is
// swept by the next one. Not thread-safe, but for new_segment().
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "index/files/file_lock.h"
#include "index/files/file_states.h"
#include "index/result.h"
#include "index/snapshot.h"
#include "index/store/manifest.h"
#include "index/store/segment_writer.h"
#include "index/tokens/token_counter.h"

namespace callslip {

/// What one commit changes.
struct IndexChange {
  std::vector<std::unique_ptr<SegmentWriter>> added;    // finished or not
  std::unordered_set<std::uint64_t> replaced_sources;   // DocumentRow::source: gone, or in `added`
  std::unordered_set<std::uint64_t> removed_documents;  // ids
  std::vector<std::pair<std::size_t, FileStateChanges>> states;  // by root
  std::vector<std::size_t> removed_roots;
};

class IndexWriter {
 public:
  struct Options {
    std::string tokenizer_file;      // .tiktoken; empty: the index's own, else the estimator
    std::uint32_t chunk_tokens = 0;  // 0: the index's own, else 512
    std::chrono::milliseconds lock_wait{30'000};
    std::stop_token stop;
  };

  /// Opens or creates the index. An index keeps the tokenizer and the chunk size that it was made
  /// with: others are ErrorKind::invalid_argument.
  static Result<std::unique_ptr<IndexWriter>> open(const std::string& directory, Options options);
  ~IndexWriter();

  const std::string& directory() const { return directory_; }
  const Manifest& manifest() const { return manifest_; }
  const TokenCounter& tokens() const { return *tokens_; }

  /// The number of the root with this real path; it is named and committed where it is new.
  /// `name` empty: the path's base name, with a number where another root has it.
  Result<std::size_t> root(const std::string& real_path, std::string name);

  /// The number of the root with this real path, as of the latest commit; nothing: it is new.
  Result<std::optional<std::size_t>> find_root(const std::string& real_path);

  /// What was last seen of a root's files. Kept in memory; valid until the next call of this or of
  /// commit().
  Result<const FileStates*> states(std::size_t root);

  /// The latest commit that this writer knows.
  Result<std::shared_ptr<const Snapshot>> snapshot() { return snapshot_of(manifest_); }

  /// A segment to fill and hand to commit(). Any thread.
  Result<std::unique_ptr<SegmentWriter>> new_segment();

  /// All or nothing. Small segments are merged on the way. The revision stays where nothing changed
  /// that can be found.
  Status commit(IndexChange change);

 private:
  IndexWriter(std::string directory, Options options);

  Result<FileLock> lock() const;
  Status load_or_create();
  Status open_tokenizer();
  Result<FileStates> states_of_documents(std::size_t root) const;
  Status save_states(RootRecord& root, std::size_t number, const FileStateChanges& changes);
  Status apply_removals(Manifest& next, const IndexChange& change);
  Status add_segments(Manifest& next, const std::vector<std::unique_ptr<SegmentWriter>>& added);
  Status merge(Manifest& next);
  Status merge_group(Manifest& next, std::vector<std::size_t> group);
  Status publish(Manifest next, bool visible = true);
  void sweep() const;
  Result<std::shared_ptr<const Snapshot>> snapshot_of(const Manifest& manifest);

  const std::string directory_;
  const Options options_;
  std::unique_ptr<FileLock> scratch_lock_;  // held for life: tells sweepers that we live
  std::string scratch_;
  std::atomic<std::uint64_t> next_segment_{0};
  std::unique_ptr<TokenCounter> tokens_;
  Manifest manifest_;
  std::shared_ptr<const Snapshot> snapshot_;  // the last opened, for its segments
  struct KnownStates {
    std::string file;  // empty: not as the disk has them
    std::uint64_t bytes = 0;
    FileStates states;
  };
  std::map<std::size_t, KnownStates> known_states_;  // by root
  std::shared_ptr<PostingCache> cache_ = std::make_shared<PostingCache>(0);
};

/// The name of the vocabulary's copy inside an index.
inline constexpr std::string_view tokenizer_copy = "tokenizer.tiktoken";

/// The counter that an index was made with.
Result<std::unique_ptr<TokenCounter>> open_tokenizer_of(const std::string& directory,
                                                        const Manifest& manifest);

}  // namespace callslip
