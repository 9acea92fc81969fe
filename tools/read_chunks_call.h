// ReadChunksCall: one call of read_chunks or submit_readings, with what its steps share.
//
// One thread, for the length of the call. In three files: the steps of a call
// (read_chunks_call.cpp), reading by the caller (caller_read.cpp), and the page that tells what was
// found (read_layout.cpp).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/evidence.h"
#include "tools/read_chunks.h"
#include "tools/read_page.h"
#include "tools/read_state.h"
#include "tools/reading.h"
#include "tools/verdict_cache.h"

namespace callslip {

class ReadChunksCall {
 public:
  ReadChunksCall(Library& library, Reader& reader, const ReadChunks::Options& options,
                 const CallContext& context)
      : library_(library), reader_(reader), options_(options), context_(context) {}

  Result<ReadChunksResult> run(ReadChunksRequest request);
  Result<ReadChunksResult> submit(const SubmitReadingsRequest& request);

 private:
  using Clock = std::chrono::steady_clock;

  const Snapshot& snapshot() const { return *view_.snapshot; }
  ReadChunksRequest& request() { return state_.request; }
  const ReadChunksRequest& request() const { return state_.request; }

  /// Looks at the index, goes on where the cursor says, and orders what is to be read.
  /// Looks at the index, goes on where the cursor says, and orders what is to be read.
  Status open();
  Status resume();
  void prepare();
  void add_notes(ReadPage& page);
  Status return_chunks();
  Status plan();
  CallContext within_deadline() const;
  Status read();
  Status read_on(const CallContext& context);
  /// Where it cannot be kept, it is read again after a restart.
  void keep(const std::string& handle);
  /// What the rest would take, where a bound on calls ended the reading.
  void tell_bound();
  void write_answer(const CallContext& context);
  Result<std::string> ask_for_answer(const CallContext& context);
  Status finish(ReadPage& page);

  // What was found.
  /// The evidence and the chunks that were not returned yet, in the order to return them in.
  Status collect();
  /// Relevant chunks that no answer has held yet.
  std::uint64_t relevant_left() const;
  Trust trust() const;
  static std::string key_of(const Evidence& evidence);
  std::string key_of(const RankedChunk& chunk) const;

  // Reading by the caller.
  /// Chunks for the calling model, as many as the page holds.
  struct Pack {
    std::vector<FoundChunk> chunks;
    std::uint64_t too_large = 0;  // tokens of the chunk that did not fit; 0: all did
    bool skipped = false;         // some were judged before: there may be more behind them
  };
  Status go_on_by_caller();
  Result<Pack> next_pack(ReadPage& page);
  /// The chunks that the calling model is to read next; when there are none, what it found.
  Status hand_out();
  Status take_readings(const std::vector<CallerReading>& readings);
  VerdictCache::Key cache_key(const Passage& passage) const;
  std::optional<Verdict> remembered(const Passage& passage) const;
  /// The end of a read by the caller.
  Status conclude(bool effort_done);

  // The page.
  Status lay_out(bool stopped_early);
  /// Whether anything was shown.
  Result<bool> fill(ReadPage& page);
  Status weigh_evidence();
  void add_preface(ReadPage& page, bool first_page) const;

  Library& library_;
  Reader& reader_;
  const ReadChunks::Options& options_;
  const CallContext& context_;
  LibraryView view_;
  ReadState state_;
  Scope scope_;
  std::optional<Reading> reading_;
  Clock::time_point began_;  // to read
  bool goes_on_ = false;     // from what an earlier call has kept
  ReadChunksResult result_;
  std::vector<Evidence> all_evidence_;
  std::vector<Evidence> evidence_;   // not returned yet
  std::vector<RankedChunk> chunks_;  // not returned yet, those with evidence first
  std::uint64_t relevant_left_ = 0;  // when this answer began
};

}  // namespace callslip
