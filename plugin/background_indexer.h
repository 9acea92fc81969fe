// BackgroundIndexer: keeps the served paths fresh while a server runs.
//
// A thread of its own: indexes at once, then looks again every few seconds. Of several servers on
// one index one watches; another takes over when it ends. The library is told how far it is.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "index/index_writer.h"
#include "index/indexer.h"
#include "tools/library.h"

namespace callslip {

class BackgroundIndexer {
 public:
  struct Options {
    std::vector<std::string> paths;
    IndexWriter::Options writer;
    IndexerOptions indexer;
  };

  /// `library` outlives this. Starts at once.
  BackgroundIndexer(Library& library, Options options);

  /// Stops within the time of one file.
  ~BackgroundIndexer();

 private:
  void run(const std::stop_token& stop);
  void refresh(IndexWriter& writer, const std::stop_token& stop, bool first);

  Library& library_;
  const Options options_;
  std::string warned_;   // of the thread: what it last warned about
  std::jthread thread_;  // last: joined first
};

/// "3 files skipped, ..." for logs; the first few by name.
std::string describe(const IndexSummary& summary);

}  // namespace callslip
