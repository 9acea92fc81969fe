// Indexer: brings an index up to date with folders, files and collections.
//
// Walks each root, compares with what was seen last, parses and cuts what is new or changed on
// several threads, and commits. Nothing that was found goes unmentioned: it is indexed,
// unchanged, or skipped with a reason.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "index/extract/extractor.h"
#include "index/files/file_walker.h"
#include "index/formats/parser.h"
#include "index/index_writer.h"
#include "index/result.h"

namespace callslip {

struct IndexerOptions {
  std::string name;  // the first part of the documents' names; empty: the path's base name
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  std::uint64_t max_file_size = 128ULL << 20;
  ParseOptions parse;
  std::size_t threads = 0;  // 0: as many as cores, at most 8
  /// Commit what is ready after this time, then after twice as long, and so on: it can be searched,
  /// and an interruption loses less. What replaces or removes something is in the first of these
  /// commits, all of it. 0: one commit at the end.
  std::chrono::milliseconds commit_interval{0};
  /// Told of each folder (absolute, raw bytes) before all of it is read: for who watches it.
  std::function<void(const std::string& path)> on_directory;
  std::stop_token stop;  // what was committed stays
};

struct IndexProgress {
  std::uint64_t files_done = 0;
  std::uint64_t files_total = 0;
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes_total = 0;
};

struct IndexedRoot;
struct FileWork;

/// What became of what was found.
struct IndexSummary {
  struct File {
    std::string name;
    std::string reason;
  };
  std::uint64_t roots = 0;    // paths that were looked at, or are indexed and were left alone
  std::uint64_t files = 0;    // found, the skipped included
  std::uint64_t indexed = 0;  // files that are new or changed
  std::uint64_t unchanged = 0;
  std::uint64_t moved = 0;      // of the indexed: known by another name, and not parsed again
  std::uint64_t removed = 0;    // files that are gone
  std::uint64_t documents = 0;  // in the files indexed
  std::uint64_t chunks = 0;
  std::uint64_t bytes = 0;
  std::vector<File> skipped;                         // named, with the reason
  std::vector<File> skipped_members;                 // of archives that were read
  std::map<std::string, std::uint64_t> ranked_down;  // generated, minified, vendored: documents
  std::map<std::string, std::uint64_t> passed_by;    // hidden, ignored, excluded: counted only
  std::vector<File> warnings;                        // indexed in part, or a root left alone
};

class Indexer {
 public:
  /// Called on any of the indexer's threads, one at a time.
  using OnProgress = std::function<void(const IndexProgress&)>;

  /// `writer` outlives the indexer.
  Indexer(IndexWriter& writer, IndexerOptions options, OnProgress on_progress = {});

  /// Adds or refreshes the paths. A path that is missing or unreadable changes nothing and is
  /// warned about; the error returned is one that stopped everything.
  Result<IndexSummary> run(const std::vector<std::string>& paths);

  /// The same, but looks only at `changed` (absolute, without links, raw bytes) and what is below
  /// these, in as far as it is below the paths. The summary counts what was looked at.
  Result<IndexSummary> refresh(const std::vector<std::string>& paths,
                               const std::vector<std::string>& changed);

 private:
  class Batch;

  Result<IndexSummary> run(const std::vector<std::string>& paths,
                           const std::vector<std::string>* changed);
  Status scan(const std::string& path, const std::vector<std::string>* changed,
              IndexSummary& summary, std::vector<IndexedRoot>& roots, std::vector<FileWork>& work);
  Status process(std::vector<IndexedRoot>& roots, std::vector<FileWork>& work,
                 IndexSummary& summary);

  IndexWriter& writer_;
  const IndexerOptions options_;
  const OnProgress on_progress_;
  Extractor extractor_;
};

/// What the documents of one file have in common (DocumentRow::source): by the name of its root and
/// the path below it.
std::uint64_t source_of(const std::string& root, const std::string& relative);

/// The path with symbolic links resolved. An Error names the path and the reason.
Result<std::string> real_path(const std::string& path);

}  // namespace callslip
