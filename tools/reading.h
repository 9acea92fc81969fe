// Reading: one pass over the chunks in scope: their order, the waves, and the ledger in which
// every chunk has exactly one entry: relevant, none, failed, or unread.
//
// Chunks are read in waves, in the order of BM25's belief; within a wave the chunks of a document
// stay together, so that a reader sees neighbours. Belongs to one call.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "index/search/ranker.h"
#include "tools/read_chunks.h"
#include "tools/read_state.h"

namespace callslip {

class Reading : private PassageSource {
 public:
  /// All outlive this; `state` is what earlier calls knew.
  Reading(const Snapshot& snapshot, ReadState& state) : snapshot_(snapshot), state_(state) {}

  /// The chunks to read, in the order of BM25's belief in `query`; those that no term favours come
  /// last, in the order of the text.
  Status order(const std::string& query, const Scope& scope);

  /// Has `reader` read until what the effort asks for is done, the context stops, or `max_calls`
  /// are used up. `judged` is called after each verdict; may be empty.
  Status read(Reader& reader, std::uint64_t max_calls, const CallContext& context,
              const std::function<void()>& judged = {});

  /// What read() would take at the most, and at the least. `exact`: what is cached is left out,
  /// for which every text is looked up.
  Status plan(const Reader& reader, ReadPlan& plan, bool exact = true);

  /// For a caller that reads by itself: the chunks that come next, until `take` says that there is
  /// no room for one. None: what the effort asks for is done.
  Status hand_out(const std::function<bool(const Passage&)>& take);
  /// What a caller says of a chunk, which must be in scope.
  enum class Submitted { taken, changed_since, not_handed_out };
  Result<Submitted> submit(ChunkNumber chunk, const std::function<Verdict(const Passage&)>& judge);
  /// A verdict that is known already, on a chunk that hand_out offered.
  void take(std::size_t position, const Verdict& verdict);

  /// Writes what is known of each chunk to a state.
  void remember_in(ReadState& state) const;

  const Coverage& coverage() const { return coverage_; }
  bool stopped_early() const { return stopped_early_; }

  /// Chunks with evidence, in the order that they are read in.
  std::vector<ChunkNumber> relevant() const;
  /// Of a relevant chunk.
  const std::vector<ByteSpan>& sentences(ChunkNumber chunk) const;

 private:
  enum class Mark : std::uint8_t { unread, none, relevant, failed };
  struct Item {
    ChunkNumber chunk = 0;
    Mark mark = Mark::unread;
    bool cached = false;
    std::uint64_t content = 0;  // hash of the text that was judged
  };

  std::optional<Passage> next() override;
  std::uint64_t visibility() const override { return snapshot_.visibility(); }
  Status recall();
  void retry_failed();
  void arrange_wave();
  bool begin_wave();
  bool resume_wave();
  /// Whether the effort asks for another one.
  bool end_wave();
  Result<Passage> passage_of(std::size_t position) const;
  void forget_returned(const ChunkId& chunk);
  std::optional<std::size_t> position_of(ChunkNumber chunk);
  void record(std::size_t position, const Verdict& verdict);
  void tell(const CallContext& context);
  void note(std::size_t position);
  void tell_verdicts(const CallContext& context);
  Effort effort() const { return state_.request.effort; }

  const Snapshot& snapshot_;
  ReadState& state_;
  std::vector<Item> items_;
  std::map<ChunkNumber, std::vector<ByteSpan>> sentences_;  // of relevant chunks
  std::map<ChunkNumber, std::string> reasons_;              // of failed chunks
  std::unordered_map<ChunkNumber, std::size_t> positions_;  // in items_; made when first needed
  Coverage coverage_;
  bool stopped_early_ = false;

  // Of the wave under way: positions in items_.
  std::vector<std::size_t> wave_;
  std::size_t wave_at_ = 0;
  std::size_t next_item_ = 0;  // where the next wave begins
  bool texts_wanted_ = true;
  Status source_status_;

  // Of the progress that is told.
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point told_;
  std::vector<JudgedChunk> untold_;
  std::uint64_t judged_ = 0;
  std::uint64_t judged_tokens_ = 0;
};

}  // namespace callslip
