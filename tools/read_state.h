// ReadState: what a reading knows, kept between its answers: the question, and the verdict on
// each chunk. A cursor is the name of a state's file below `reads/` in the index; files are kept
// for 7 days and survive a restart.
//
// A state belongs to one call at a time; save and load touch the disk.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "index/byte_span.h"
#include "index/result.h"
#include "tools/read_chunks.h"

namespace callslip {

struct ReadState {
  struct Entry {
    std::uint64_t content = 0;  // hash of the chunk's text: a changed chunk is read again
    Verdict::Kind kind = Verdict::Kind::none;
    std::vector<ByteSpan> sentences;
    std::string reason;
  };

  std::string handle;  // empty: never saved
  std::string revision;
  ReadChunksRequest request;
  std::unordered_map<std::string, Entry> entries;  // by chunk id
  ReadingUsage usage;
  std::uint64_t next_wave = 0;     // chunks in the next wave; 0: the first
  bool effort_done = false;        // the effort asked for was done
  std::set<std::string> returned;  // keys of evidence and chunks that earlier answers held
  std::uint64_t position = 0;      // without a question: of the next chunk
  std::string cut_chunk;           // was returned up to cut_bytes only
  std::uint64_t cut_bytes = 0;
  std::string answer;
  bool answer_returned = false;

  /// Gives the state a handle and writes it.
  Status save(const std::string& index_directory);

  /// An unknown or expired handle is ErrorKind::invalid_argument.
  static Result<ReadState> load(const std::string& index_directory, const std::string& handle);
};

}  // namespace callslip
