// ReadPage: the answer of read_chunks, laid out inside its budget: first the answer, then the
// evidence, then chunks. What does not fit is left for the next page.
//
// Belongs to one call.
#pragma once

#include <string>
#include <vector>

#include "index/search/ranker.h"
#include "tools/read_chunks.h"
#include "tools/read_state.h"
#include "tools/text_block.h"

namespace callslip {

class ReadPage {
 public:
  /// `bare`: as where the room is short.
  ReadPage(const Snapshot& snapshot, const TokenCounter& counter, std::size_t max_tokens,
           bool bare = false)
      : snapshot_(snapshot),
        counter_(counter),
        tight_(bare || max_tokens < tight_budget),
        block_(counter, max_tokens) {}

  bool tight() const { return tight_; }
  std::size_t left() const { return block_.left(); }

  /// The chunk with its header when it fits.
  bool add_passage(const FoundChunk& chunk, std::size_t number) { return add_chunk(chunk, number); }

  /// A line that may be left out where there is no room.
  void add_line(const std::string& line) { block_.add(line + "\n"); }

  void add_notes(const std::vector<std::string>& notes) {
    callslip::add_notes(block_, notes, tight_);
  }

  /// As much of it as fits, cut at a sentence; what was shown is returned.
  std::string add_answer(const std::string& answer);

  /// Keeps room for the line that finish() ends with.
  void reserve_footer(const std::string& widest);

  /// From the first on, in all but `keep` of the room; returns how many fitted.
  std::size_t add_evidence(const std::vector<Evidence>& evidence, std::size_t keep,
                           ReadChunksResult& result);

  /// Chunks from position `first` on, without the first `skip` bytes of that one. Returns the
  /// position of the first that did not fit and what was shown of it. A chunk that alone is too
  /// large is cut. By Order::document, those of a document stand together in the order of its text,
  /// and near duplicates of a chunk are only named.
  enum class Order { given, document };
  struct Position {
    std::size_t chunk = 0;
    std::size_t skip = 0;
  };
  Result<Position> add_chunks(const std::vector<RankedChunk>& chunks, Position first, Order order,
                              ReadChunksResult& result);

  void finish(const std::string& footer, ReadChunksResult& result);

 private:
  std::size_t add_sentences(const std::vector<Evidence>& evidence, ReadChunksResult& result);
  bool add_chunk(const FoundChunk& chunk, std::size_t number);
  void arrange(TextBlock::Mark before, std::vector<FoundChunk>& chunks);

  const Snapshot& snapshot_;
  const TokenCounter& counter_;
  const bool tight_;
  TextBlock block_;
  std::size_t footer_room_ = 0;
};

}  // namespace callslip
