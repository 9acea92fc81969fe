// Passages: chosen chunks as they are shown. Chunks that follow each other in a document are one
// passage, under one header and in the order of the text, whatever their ranks: a larger budget
// gives longer passages rather than more crumbs (Xu et al., ChatQA 2, arXiv:2407.14482).
//
// Chunks are added one by one, best first; what each takes of the budget is known at once, so that
// the text never exceeds it. Belongs to one call.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "index/snapshot.h"
#include "tools/found_chunk.h"
#include "tools/text_block.h"

namespace callslip {

/// Chunks that follow each other.
struct FoundPassage {
  std::vector<std::string> chunk_ids;
  std::string document;
  Location location;
};

class Passages {
 public:
  /// The room is what the block has left; nothing else may be added to it before write().
  Passages(const Snapshot& snapshot, const TextBlock& block)
      : snapshot_(snapshot), block_(block), room_(block.left()) {}

  /// `tokens`: of its text. `alone`: not to be joined with others, because it is cut. False, with
  /// nothing added: it does not fit.
  bool add(const FoundChunk& chunk, std::size_t tokens, bool alone);

  bool empty() const { return passages_.empty(); }

  /// Best passage first. The chunks are those that were added, in the order in which they were.
  void write(const std::vector<FoundChunk>& chunks, TextBlock& block) const;

  /// Those of several chunks.
  std::vector<FoundPassage> joined(const std::vector<FoundChunk>& chunks) const;

 private:
  struct Member {
    std::size_t position = 0;  // in the order of adding
    ChunkNumber number = 0;
    std::size_t cost = 0;
  };
  struct Passage {
    std::vector<Member> members;  // in the order of the text
    FoundChunk described;         // without text: what the header says
    bool alone = false;
    std::size_t numbered = 0;  // what it costs under this number
    std::size_t cost = 0;
  };

  using Order = std::vector<std::shared_ptr<const Passage>>;

  std::size_t cost_of(const Passage& passage, std::size_t number) const;
  Order with(const FoundChunk& chunk, Passage own) const;
  bool neighbours(ChunkNumber before, ChunkNumber after) const;
  static void describe(Passage& passage, const FoundChunk& first, const FoundChunk& last);

  const Snapshot& snapshot_;
  const TextBlock& block_;
  const std::size_t room_;
  Order passages_;
  std::size_t added_ = 0;
};

}  // namespace callslip
