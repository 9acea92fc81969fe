// BackgroundIndexer: keeps the served paths fresh while a server runs.
//
// A thread of its own: indexes at once, then looks at what FileWatch tells. Of several servers on
// one index one watches; another takes over when it ends. The library is told how far it is.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "index/index_writer.h"
#include "index/indexer.h"
#include "index/watch/file_watch.h"
#include "plugin/watch_report.h"
#include "tools/library.h"

namespace callslip {

class BackgroundIndexer {
 public:
  struct Options {
    std::vector<std::string> paths;
    IndexWriter::Options writer;
    IndexerOptions indexer;
    WatchOptions watch;
  };

  /// `library` and `board` outlive this. Starts at once.
  BackgroundIndexer(Library& library, WatchBoard& board, Options options);

  /// Stops within the time of one file.
  ~BackgroundIndexer();

 private:
  void run(const std::stop_token& stop);
  void watch(IndexWriter& writer, const std::stop_token& stop);
  bool look(IndexWriter& writer, FileWatch& watch, const Changes& changes, bool first,
            const std::stop_token& stop);
  void warn(const IndexSummary& summary, bool everything);
  void post(const FileWatch& watch);

  Library& library_;
  WatchBoard& board_;
  const Options options_;
  // The indexing thread's.
  std::set<std::string> warned_;  // what it said already
  WatchReport report_;
  std::jthread thread_;  // last: joined first
};

/// "3 files skipped, ..." for logs; the first few by name.
std::string describe(const IndexSummary& summary);

}  // namespace callslip
