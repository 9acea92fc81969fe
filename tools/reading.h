// Reading: one pass over the chunks in scope: their order, the waves, and the ledger in which
// every chunk has exactly one entry: relevant, none, failed, or unread.
//
// Belongs to one call.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "index/ranker.h"
#include "tools/read_chunks.h"
#include "tools/read_state.h"

namespace callslip {

class Reading {
 public:
  /// All outlive this; `state` is what earlier calls knew, and is brought up to date.
  Reading(const Snapshot& snapshot, Reader& reader, ReadState& state, std::uint64_t max_calls);

  /// The chunks to read, in the order of BM25's belief; those that no term favours come last, in
  /// the order of the text.
  Status order(const Scope& scope);

  /// Reads until what the effort asks for is done, the context stops, or the calls are used up.
  Status read(const CallContext& context);

  const Coverage& coverage() const { return coverage_; }
  bool stopped_early() const { return stopped_early_; }

  /// Chunks with evidence, in the order that they were read in.
  std::vector<ChunkNumber> relevant() const;
  const ReadState::Entry* entry(ChunkNumber chunk) const;

 private:
  enum class Mark : std::uint8_t { unread, none, relevant, failed };
  struct Item {
    ChunkNumber chunk = 0;
    Mark mark = Mark::unread;
  };

  Status recall();
  Result<Passage> passage_of(ChunkNumber chunk) const;
  Status read_wave(std::uint64_t size, const CallContext& context, std::uint64_t& found);
  void record(Item& item, const Passage& passage, const Verdict& verdict);
  void tell(const CallContext& context) const;
  std::uint64_t calls_left() const { return max_calls_ - std::min(calls_, max_calls_); }

  const Snapshot& snapshot_;
  Reader& reader_;
  ReadState& state_;
  const std::uint64_t max_calls_;
  std::vector<Item> items_;
  std::size_t next_ = 0;  // items before it are not unread
  std::uint64_t calls_ = 0;
  Coverage coverage_;
  bool stopped_early_ = false;
};

}  // namespace callslip
