#include "plugin/background_indexer.h"

#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <mutex>

#include "index/file_lock.h"

namespace callslip {
namespace {

constexpr std::chrono::milliseconds kLeastPause{2000};
constexpr int kPauseFactor = 20;  // looking takes at most a twentieth of one core
constexpr std::chrono::milliseconds kCommitInterval{2000};
constexpr std::size_t kNamed = 20;  // warnings at a time

/// Sleeps; returns at once when stopped.
void pause(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
}

void log(const std::string& line) { std::cerr << "callslip: " + line + "\n"; }

}  // namespace

BackgroundIndexer::BackgroundIndexer(Library& library, Options options)
    : library_(library), options_(std::move(options)) {
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
  const std::string watch = library_.index().directory() + "/watch.lock";
  std::optional<FileLock> watching;
  for (bool first = true; !stop.stop_requested();) {
    if (!watching) {
      auto lock = FileLock::acquire(watch, std::chrono::milliseconds(0), stop);
      if (lock) watching = std::move(lock).value();
    }
    const auto start = std::chrono::steady_clock::now();
    if (watching) refresh(**writer, stop, first);
    first = first && !watching;
    // While another server makes the first commit, calls wait for it here too.
    if (watching || library_.index().snapshot()) library_.set_indexing(std::nullopt);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    pause(stop, std::max(kLeastPause, took * kPauseFactor));
  }
}

void BackgroundIndexer::refresh(IndexWriter& writer, const std::stop_token& stop, bool first) {
  IndexerOptions options = options_.indexer;
  options.stop = stop;
  // The first time people wait for it: what is ready can be searched. Later a change is one commit.
  if (first) options.commit_interval = kCommitInterval;
  Indexer indexer(writer, options, [this](const IndexProgress& progress) {
    library_.set_indexing(IndexingState{progress.files_done, progress.files_total});
  });
  const auto summary = indexer.run(options_.paths);
  if (!summary) {
    if (summary.error().kind != ErrorKind::cancelled) log("indexing: " + summary.error().message);
    return;
  }
  // A look every few seconds: a warning is said when it is new.
  std::set<std::string> warnings;
  std::size_t fresh = 0;
  for (const auto* files : {&summary->warnings, &summary->skipped, &summary->skipped_members}) {
    for (const auto& file : *files) {
      std::string warning = "warning: " + file.name + ": " + file.reason;
      if (!warned_.contains(warning) && ++fresh <= kNamed) log(warning);
      warnings.insert(std::move(warning));
    }
  }
  if (fresh > kNamed) log("... and " + std::to_string(fresh - kNamed) + " more warnings");
  warned_ = std::move(warnings);
  if (first || summary->indexed > 0 || summary->removed > 0) log(describe(*summary));
}

std::string describe(const IndexSummary& summary) {
  std::string line =
      std::to_string(summary.indexed) + " files indexed (" + std::to_string(summary.documents) +
      " documents, " + std::to_string(summary.chunks) + " chunks), " +
      std::to_string(summary.unchanged) + " unchanged, " + std::to_string(summary.removed) +
      " removed, " + std::to_string(summary.skipped.size()) + " skipped";
  for (const auto& [what, count] : summary.passed_by) {
    line += ", " + std::to_string(count) + " " + what;
  }
  return line;
}

}  // namespace callslip
