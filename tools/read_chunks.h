// ReadChunks: Level 2. Reads every chunk in scope for a question and accounts for each; or
// returns chunks verbatim by their ids.
//
// Follows Qwen-Agent's ParallelDocQA (Qwen team, 2024): each chunk is judged by itself, the
// relevant sentences become the BM25 query, and the best chunks come back. Any number of threads
// may call run() at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "index/result.h"
#include "tools/call_context.h"
#include "tools/doc_search.h"
#include "tools/found_chunk.h"
#include "tools/library.h"
#include "tools/question_preparation.h"
#include "tools/reader.h"

namespace callslip {

class VerdictCache;

enum class Effort { quick, standard, exhaustive };

struct ReadChunksRequest {
  std::string question;
  std::vector<std::string> chunk_ids;
  std::size_t before = 0;
  std::size_t after = 0;
  std::vector<std::string> documents;
  Effort effort = Effort::standard;
  bool answer = false;
  bool expand = false;     // prepare the question first
  bool dry_run = false;    // say what reading would take, and call nobody
  bool by_caller = false;  // the calling model reads: it is handed the chunks
  std::size_t max_tokens = default_max_tokens;
  double deadline_s = 45;
  std::string cursor;
  std::vector<std::string> notes;  // what was clamped, to be said
};

/// What a calling model that reads by itself found in a chunk.
struct CallerReading {
  std::string chunk_id;
  std::vector<std::string> sentences;  // none: nothing relevant
};

struct SubmitReadingsRequest {
  std::string cursor;
  std::vector<CallerReading> readings;
  bool finish = false;  // no more chunks: return what is known
  std::size_t max_tokens = default_max_tokens;
  std::vector<std::string> notes;  // what was clamped, to be said
};

struct Evidence {
  std::string text;  // verbatim
  ChunkNumber chunk = 0;
  std::string chunk_id;
  std::string document;
  std::string uri;
  Location location;
  std::vector<std::string> also_in;  // chunks that hold the same sentence
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

/// What reading would take: `standard` stops somewhere between.
struct ReadPlan {
  ReaderPlan least;
  ReaderPlan most;
};

/// How much the evidence carries, for a calling model to abstain by.
enum class EvidenceStrength { none, weak, strong };

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
  EvidenceStrength strength = EvidenceStrength::none;
  std::vector<std::string> unknown_terms;  // of the question: they stand in no document
  std::optional<QuestionPreparation> prepared;
  std::optional<ReadPlan> plan;  // of a dry run
  std::string next;              // "read_more", "return_more", "submit_readings" or empty
  std::string next_cursor;
  IndexInfo index;
  std::vector<std::string> notes;
  std::string text;
};

class ReadChunks {
 public:
  struct Options {
    std::uint64_t max_calls = 500;          // to a model, for one answer
    VerdictCache* cache = nullptr;          // of what callers that read by themselves found
    LibraryLanguages* languages = nullptr;  // null: `expand` is ignored, and said so
  };

  /// `library`, `reader` and what the options name outlive this.
  ReadChunks(Library& library, Reader& reader, const Options& options)
      : library_(library), reader_(reader), options_(options) {}

  Result<ReadChunksResult> run(ReadChunksRequest request, const CallContext& context) const;

  /// Takes what a calling model found in the chunks that it was handed; hands it the next ones, or
  /// ends as run() does.
  Result<ReadChunksResult> submit(const SubmitReadingsRequest& request,
                                  const CallContext& context) const;

 private:
  Library& library_;
  Reader& reader_;
  const Options options_;
};

}  // namespace callslip
