// ReadChunks: Level 2. Reads every chunk in scope for a question and accounts for each; or
// returns chunks verbatim by their ids.
//
// Follows Qwen-Agent's ParallelDocQA (Qwen team, 2024): each chunk is judged by itself, the
// relevant sentences become the BM25 query, and the best chunks come back. Any number of threads
// may call run() at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/result.h"
#include "tools/call_context.h"
#include "tools/doc_search.h"
#include "tools/found_chunk.h"
#include "tools/library.h"
#include "tools/reader.h"

namespace callslip {

enum class Effort { quick, standard, exhaustive };

struct ReadChunksRequest {
  std::string question;
  std::vector<std::string> chunk_ids;
  std::size_t before = 0;
  std::size_t after = 0;
  std::vector<std::string> documents;
  Effort effort = Effort::standard;
  bool answer = false;
  std::size_t max_tokens = default_max_tokens;
  double deadline_s = 45;
  std::string cursor;
  std::vector<std::string> notes;  // what was clamped, to be said
};

struct Evidence {
  std::string text;  // verbatim
  ChunkNumber chunk = 0;
  std::string chunk_id;
  std::string document;
  std::string uri;
  Location location;
};

struct Coverage {
  struct Failure {
    std::string chunk_id;
    std::string reason;
  };
  std::uint64_t in_scope = 0;  // read + failed + unread
  std::uint64_t read = 0;
  std::uint64_t failed = 0;
  std::uint64_t unread = 0;
  std::uint64_t relevant = 0;
  std::uint64_t from_cache = 0;
  std::vector<Failure> failures;  // the first 50

  bool complete() const { return unread == 0; }
};

struct ReadingUsage {
  std::string reader;
  ReaderUsage calls;
  std::uint64_t rejected_quotes = 0;
  double seconds = 0;
};

struct ReadChunksResult {
  enum class Status { found, nothing_relevant, partial };

  bool by_question = false;  // else only `chunks` are filled
  Status status = Status::found;
  std::string answer;
  std::vector<Evidence> evidence;
  std::vector<FoundChunk> chunks;
  Coverage coverage;
  ReadingUsage usage;
  std::uint64_t total_tokens = 0;
  std::string next;  // "read_more", "return_more" or empty
  std::string next_cursor;
  IndexInfo index;
  std::vector<std::string> notes;
  std::string text;
};

class ReadChunks {
 public:
  struct Options {
    std::uint64_t max_calls = 500;  // to a model, for one answer
  };

  /// `library` and `reader` outlive this.
  ReadChunks(Library& library, Reader& reader, Options options)
      : library_(library), reader_(reader), options_(options) {}

  Result<ReadChunksResult> run(ReadChunksRequest request, const CallContext& context) const;

 private:
  Library& library_;
  Reader& reader_;
  const Options options_;
};

}  // namespace callslip
