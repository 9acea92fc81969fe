#include "plugin/background_indexer.h"

#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <mutex>

#include "index/files/file_lock.h"
#include "index/store/index_location.h"
#include "tools/text_block.h"

namespace callslip {
namespace {

constexpr std::chrono::milliseconds kPause{2000};  // between tries: for the lock, after an error
constexpr std::chrono::milliseconds kCommitInterval{2000};
constexpr std::size_t kNamed = 20;          // warnings at a time
constexpr std::size_t kRemembered = 10000;  // warnings

/// Sleeps; returns at once when stopped.
void pause(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
}

void log(const std::string& line) { std::cerr << "callslip: " + line + "\n"; }

}  // namespace

BackgroundIndexer::BackgroundIndexer(Library& library, WatchBoard& board, Options options)
    : library_(library), board_(board), options_(std::move(options)) {
  library_.set_indexing(IndexingState{});
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

BackgroundIndexer::~BackgroundIndexer() = default;

void BackgroundIndexer::run(const std::stop_token& stop) {
  IndexWriter::Options writer_options = options_.writer;
  writer_options.stop = stop;
  auto writer = IndexWriter::open(library_.index().directory(), writer_options);
  if (!writer) {
    if (writer.error().kind != ErrorKind::cancelled) log("indexing: " + writer.error().message);
    library_.set_indexing(std::nullopt);
    return;
  }
  const std::string path = library_.index().directory() + "/watch.lock";
  while (!stop.stop_requested()) {
    const auto lock = FileLock::acquire(path, std::chrono::milliseconds(0), stop);
    if (lock) return watch(**writer, stop);
    // While another server makes the first commit, calls wait for it here too.
    if (library_.index().snapshot()) library_.set_indexing(std::nullopt);
    pause(stop, kPause);
  }
}

/// Until it is stopped.
void BackgroundIndexer::watch(IndexWriter& writer, const std::stop_token& stop) {
  const auto watch = watch_files(options_.paths, options_.watch);
  Changes changes{true, {}};
  bool first = true;
  while (!stop.stop_requested()) {
    const bool done = look(writer, *watch, changes, first, stop);
    library_.set_indexing(std::nullopt);
    if (!done) {  // what was to be looked at is not lost
      pause(stop, kPause);
      changes = {true, {}};
      continue;
    }
    post(*watch);
    if (first) log("watching: " + describe(report_));
    first = false;
    changes = watch->wait(stop);
  }
  board_.post(std::nullopt);
}

/// False: it is to be done again.
bool BackgroundIndexer::look(IndexWriter& writer, FileWatch& watch, const Changes& changes,
                             bool first, const std::stop_token& stop) {
  IndexerOptions options = options_.indexer;
  options.stop = stop;
  options.on_directory = [&watch](const std::string& path) { watch.add_directory(path); };
  // The first time people wait for it: what is ready can be searched. Later a change is one commit.
  if (first) options.commit_interval = kCommitInterval;
  Indexer indexer(writer, options, [this](const IndexProgress& progress) {
    library_.set_indexing(IndexingState{progress.files_done, progress.files_total});
  });
  const auto summary = changes.everything ? indexer.run(options_.paths)
                                          : indexer.refresh(options_.paths, changes.paths);
  if (!summary) {
    if (summary.error().kind != ErrorKind::cancelled) log("indexing: " + summary.error().message);
    return false;
  }
  const bool changed = summary->indexed > 0 || summary->removed > 0;
  if (changed && !first) {
    report_.last_change = std::chrono::duration_cast<std::chrono::seconds>(
                              std::chrono::system_clock::now().time_since_epoch())
                              .count();
    ++report_.refreshes;
  }
  warn(*summary, changes.everything);
  if (first || changed) log(describe(*summary));
  return true;
}

/// A warning is said when it is new.
void BackgroundIndexer::warn(const IndexSummary& summary, bool everything) {
  std::set<std::string> warnings;
  std::size_t fresh = 0;
  for (const auto* files : {&summary.warnings, &summary.skipped, &summary.skipped_members}) {
    for (const auto& file : *files) {
      std::string warning = "warning: " + file.name + ": " + file.reason;
      if (!warned_.contains(warning) && ++fresh <= kNamed) log(warning);
      warnings.insert(std::move(warning));
    }
  }
  if (fresh > kNamed) {
    log("... and " + std::to_string(fresh - kNamed) +
        " more warnings; all of them: callslip index --strict --index " +
        shell_word(library_.index().directory()) + " PATH...");
  }
  if (everything || warned_.size() > kRemembered) {
    warned_ = std::move(warnings);
  } else {
    warned_.merge(warnings);
  }
}

void BackgroundIndexer::post(const FileWatch& watch) {
  report_.status = watch.status();
  board_.post(report_);
}

std::string describe(const IndexSummary& summary) {
  std::string line = quantity(summary.indexed, "file") + " indexed (" +
                     quantity(summary.documents, "document") + ", " +
                     quantity(summary.chunks, "chunk") + "), " + std::to_string(summary.unchanged) +
                     " unchanged, " + std::to_string(summary.moved) + " moved, " +
                     std::to_string(summary.removed) + " removed, " +
                     std::to_string(summary.skipped.size()) + " skipped";
  if (!summary.skipped_members.empty()) {
    line += ", " + quantity(summary.skipped_members.size(), "member") + " of archives skipped";
  }
  for (const auto& [what, count] : summary.passed_by) {
    line += ", " + std::to_string(count) + " " + what;
  }
  return line;
}

}  // namespace callslip
