// ReadState: what a reading knows, kept between its answers: the question, and the verdict on
// each chunk. A cursor is the name of a state's file below `reads/` in the index; files are kept
// for 7 days and survive a restart.
//
// A state belongs to one call at a time; save and load touch the disk.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "index/document_id.h"
#include "index/result.h"
#include "index/text/byte_span.h"
#include "tools/read_chunks.h"

namespace callslip {

/// A name for a state that nobody can guess.
std::string new_read_handle();

/// How far the waves of an effort are.
struct Waves {
  /// A chunk of the wave that a caller reads.
  struct Left {
    ChunkId chunk;
    std::uint64_t handed_out = 0;  // hash of the text that was handed out; 0: not yet
  };

  std::uint64_t size = 0;   // chunks of the wave; 0: none has begun
  bool open = false;        // a wave has begun and not ended
  std::uint64_t found = 0;  // relevant ones of the wave
  std::uint64_t empty = 0;  // waves without evidence in a row
  std::vector<Left> left;   // not judged yet, where a caller reads; ascending
};

struct ReadState {
  struct Judged {
    ChunkId chunk;
    std::uint64_t content = 0;  // hash of the chunk's text: a changed chunk is read again
    Verdict::Kind kind = Verdict::Kind::none;
    bool cached = false;
  };

  std::string handle;  // empty: never saved
  std::string revision;
  std::uint64_t visibility = 0;  // Snapshot::visibility(): of whom the reading is
  ReadChunksRequest request;
  std::vector<Judged> judged;
  std::map<ChunkId, std::vector<ByteSpan>> sentences;  // of relevant chunks
  std::map<ChunkId, std::string> reasons;              // of failed chunks
  ReadingUsage usage;
  Waves waves;
  bool effort_done = false;        // the effort asked for was done
  bool finished = false;           // ended by a caller that reads
  std::set<std::string> returned;  // keys of evidence and chunks that earlier answers held
  std::uint64_t position = 0;      // without a question: of the next chunk
  std::string cut_chunk;           // was returned up to cut_bytes only
  std::uint64_t cut_bytes = 0;
  std::string answer;
  std::uint64_t answered_for = 0;  // hash of the evidence that the answer is written from
  bool answer_returned = false;
  std::optional<QuestionPreparation> prepared;

  /// What is sought, without how the answer should look.
  const std::string& sought() const {
    return prepared ? prepared->question.information : request.question;
  }

  /// Gives the state a handle and writes it.
  Status save(const std::string& index_directory);

  /// What was saved under the handle is not needed any more.
  static void remove(const std::string& index_directory, const std::string& handle);

  /// An unknown or expired handle is ErrorKind::invalid_argument, and so is one of a caller who
  /// sees other collections: nobody learns that it exists.
  static Result<ReadState> load(const std::string& index_directory, const std::string& handle,
                                std::uint64_t visibility);
};

}  // namespace callslip
