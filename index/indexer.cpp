#include "index/indexer.h"

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "index/chunker.h"
#include "index/document_id.h"
#include "index/extract/parse_attempt.h"
#include "index/files/atomic_file.h"
#include "index/files/file_descriptor.h"
#include "index/files/moved_files.h"
#include "index/files/root_scan.h"
#include "index/formats/parser.h"
#include "index/hash.h"

namespace callslip {
namespace {

constexpr std::size_t kMaxThreads = 8;
constexpr std::uint64_t kLargeFile = 16U << 20;  // read one at a time
constexpr std::int64_t kRacyNs = 20'000'000;  // the grain of a file system's clock, with a margin
constexpr std::uint64_t kMaxCollectionBytes = 16ULL << 30;

std::string_view base_name(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

std::vector<Glob> globs(const std::vector<std::string>& patterns) {
  return {patterns.begin(), patterns.end()};
}

/// The part of a path below the root, "" for the root itself and what is above it; no data: it is
/// elsewhere.
std::string_view path_below(std::string_view root, std::string_view path) {
  const auto is_in = [](std::string_view inner, std::string_view outer) {
    return inner.starts_with(outer) &&
           (inner.size() == outer.size() || outer == "/" || inner[outer.size()] == '/');
  };
  if (is_in(root, path)) return "";
  if (!is_in(path, root)) return {};
  return path.substr(root == "/" ? 1 : root.size() + 1);
}

}  // namespace

std::uint64_t source_of(const std::string& root, const std::string& relative) {
  return hash64(root + '\0' + relative);
}

Result<std::string> real_path(const std::string& path) {
  char resolved[PATH_MAX];
  if (::realpath(path.c_str(), resolved) == nullptr) return system_error(path, errno);
  return std::string(resolved);
}

Indexer::Indexer(IndexWriter& writer, IndexerOptions options, OnProgress on_progress)
    : writer_(writer), options_(std::move(options)), on_progress_(std::move(on_progress)) {}

Result<IndexSummary> Indexer::run(const std::vector<std::string>& paths) {
  return run(paths, nullptr);
}

Result<IndexSummary> Indexer::refresh(const std::vector<std::string>& paths,
                                      const std::vector<std::string>& changed) {
  return run(paths, &changed);
}

Result<IndexSummary> Indexer::run(const std::vector<std::string>& paths,
                                  const std::vector<std::string>* changed) {
  IndexSummary summary;
  std::vector<IndexedRoot> roots;
  std::vector<FileWork> work;
  for (const std::string& path : paths) {
    if (Status s = scan(path, changed, summary, roots, work); !s) return s.error();
  }
  if (Status s = process(roots, work, summary); !s) return s.error();
  if (std::string weakness = extractor_.weakness(); !weakness.empty()) {
    summary.warnings.push_back({"callslip-extract", std::move(weakness)});
  }
  return summary;
}

Status Indexer::scan(const std::string& path, const std::vector<std::string>* changed,
                     IndexSummary& summary, std::vector<IndexedRoot>& roots,
                     std::vector<FileWork>& work) {
  const auto leave_alone = [&](const std::string& reason, bool known) {
    if (known) ++summary.roots;
    const std::string named = path + ": ";  // the warning names it already
    summary.warnings.push_back({path, reason.substr(reason.starts_with(named) ? named.size() : 0) +
                                          (known ? "; what is indexed of it stays as it is" : "")});
    return Status();
  };
  const auto real = real_path(path);
  if (!real) {
    std::error_code unresolved;
    const auto before = writer_.find_root(std::filesystem::weakly_canonical(path, unresolved));
    if (!before) return before.error();
    return leave_alone(real.error().message, before->has_value());
  }
  const bool twice = std::any_of(roots.begin(), roots.end(),
                                 [&](const IndexedRoot& root) { return root.path == *real; });
  if (twice) return {};
  std::error_code ignored;
  const bool single_file = !std::filesystem::is_directory(*real, ignored);

  const auto before = writer_.find_root(*real);
  if (!before) return before.error();
  const FileStates none;
  const FileStates* known = &none;
  if (*before) {
    const auto states = writer_.states(**before);
    if (!states) return states.error();
    known = *states;
  }
  PathTree only;       // as the system has the names
  PathTree only_utf8;  // as the states have them
  for (const std::string& each : changed == nullptr ? std::vector<std::string>() : *changed) {
    const std::string_view below = path_below(*real, each);
    if (below.data() == nullptr) continue;
    only.add(below);
    only_utf8.add(as_utf8(below));
  }
  if (changed != nullptr && only.empty()) return {};
  // Of a root that was never looked at, everything is news.
  const bool everything = changed == nullptr || only.whole() || known->empty() || single_file;

  RootScan scan(options_.on_directory, options_.parse, *known, everything ? nullptr : &only_utf8);
  WalkOptions walk_options;
  walk_options.include = globs(options_.include);
  walk_options.exclude = globs(options_.exclude);
  walk_options.max_file_size = options_.max_file_size;
  walk_options.size_exempt = is_jsonl;  // not what is unpacked in memory
  if (const auto own = real_path(writer_.directory())) walk_options.own_directory = *own;
  walk_options.only = everything ? nullptr : &only;
  walk_options.stop = options_.stop;
  if (Status s = walk(*real, walk_options, scan); !s) {
    if (s.error().kind == ErrorKind::cancelled) return s;
    return leave_alone(s.error().message, before->has_value());
  }

  const auto number = writer_.root(*real, options_.name);
  if (!number) return number.error();
  const RootRecord& record = writer_.manifest().roots[*number];
  if (everything && !known->empty() && scan.nothing() && !single_file &&
      device_of(*real) != record.device) {
    return leave_alone(path + ": empty, and on another disk than when it was indexed; if its " +
                           "documents are to go, run: callslip remove '" + record.name + "/'",
                       true);
  }
  ++summary.roots;
  roots.push_back({*number, record.name, *real, single_file, {}});
  scan.finish(roots.back(), roots.size() - 1, work, summary);
  return {};
}

/// What the threads share while they work off a part of the list.
class Indexer::Batch {
 public:
  Batch(Indexer& indexer, std::vector<IndexedRoot>& roots, const std::vector<FileWork>& work,
        const MovedFiles& moved, IndexSummary& summary)
      : indexer_(indexer),
        work_(work),
        moved_(moved),
        chunker_(indexer.writer_.tokens(), indexer.writer_.manifest().chunk_tokens),
        roots_(roots),
        summary_(summary) {
    progress_.files_total = work.size();
    while (known_ < work.size() && work[known_].before) ++known_;
    for (const FileWork& item : work) progress_.bytes_total += item.file.size;
    // Before the first file is done, which may take long.
    if (!work.empty() && indexer.on_progress_) indexer.on_progress_(progress_);
  }

  bool done() const { return next_ >= work_.size(); }

  /// Works until the list is empty, or the time has come to commit.
  Result<IndexChange> run(std::size_t threads) {
    change_ = {};
    interval_ = interval_.count() == 0 ? indexer_.options_.commit_interval : interval_ * 2;
    started_ = std::chrono::steady_clock::now();
    {
      std::vector<std::jthread> pool;
      for (std::size_t i = 1; i < threads; ++i) pool.emplace_back([this] { work_off(); });
      work_off();
    }
    if (failure_) return *failure_;
    if (indexer_.options_.stop.stop_requested()) {
      return Error{ErrorKind::cancelled,
                   "interrupted; what was committed stays, and running it "
                   "again finishes the work"};
    }
    return std::move(change_);
  }

 private:
  bool time_to_commit() const {
    return interval_.count() > 0 && next_ >= known_ &&
           std::chrono::steady_clock::now() - started_ >= interval_;
  }

  void work_off() {
    std::unique_ptr<SegmentWriter> segment;
    while (!failed_ && !time_to_commit() && !indexer_.options_.stop.stop_requested()) {
      const std::size_t number = next_++;
      if (number >= work_.size()) break;
      if (Status s = index_file(work_[number], segment); !s) return fail(s.error());
      if (!segment || !segment->full()) continue;
      if (Status s = keep(std::move(segment)); !s) return fail(s.error());
    }
    if (!segment) return;
    if (Status s = keep(std::move(segment)); !s) fail(s.error());
  }

  void fail(const Error& error) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    if (!failure_) failure_ = error;
  }

  /// Finished here, where other threads go on, rather than by the commit.
  Status keep(std::unique_ptr<SegmentWriter> segment) {
    if (const auto finished = segment->finish(); !finished) return finished.error();
    const std::lock_guard lock(mutex_);
    for (const auto& [reason, count] : segment->ranked_down())
      summary_.ranked_down[reason] += count;
    change_.added.push_back(std::move(segment));
    return {};
  }

  /// An error here is one of the index; what is wrong with the file goes into the summary.
  Status index_file(const FileWork& item, std::unique_ptr<SegmentWriter>& segment) {
    const IndexedRoot& root = roots_[item.root];
    if (item.file.path.empty()) return finish(item, std::nullopt, 0, true);
    FileState state = state_of(item.file);
    if (const auto* origin = moved_.same_file(item.file, root.document_name(item.file.relative))) {
      return take_over(item, *origin, std::move(state), segment);
    }
    std::unique_lock large(large_file_, std::defer_lock);
    if (item.file.size > kLargeFile) large.lock();
    auto bytes = read_file(item.file.path, kMaxCollectionBytes);
    if (!bytes) {
      if (bytes.error().kind == ErrorKind::not_found) return finish(item, std::nullopt, 0, true);
      // It was readable once: better the old text than none.
      if (item.before && item.before->skipped.empty()) state = *item.before;
      state.mtime_ns = 0;
      const std::lock_guard lock(mutex_);
      summary_.skipped.push_back({root.document_name(item.file.relative), bytes.error().message});
      if (item.before && item.before->skipped.empty()) remember(item, std::move(state));
      report(item);
      return {};
    }
    state.content_hash = hash64(*bytes);
    state.size = item.file.size;
    if (std::chrono::duration_cast<std::chrono::nanoseconds>(
            std::chrono::system_clock::now().time_since_epoch())
                .count() -
            item.file.mtime_ns <
        kRacyNs) {
      state.mtime_ns = 0;  // it may change again within the same tick
    }
    if (item.before && item.before->content_hash == state.content_hash &&
        item.before->skipped.empty() &&
        !worth_another_attempt(item.before->tried, indexer_.options_.parse)) {
      state.warning = item.before->warning;
      state.skipped_members = item.before->skipped_members;
      state.tried = item.before->tried;
      return finish(item, std::move(state), 0, false);
    }
    if (const auto* origin = moved_.same_contents(bytes->size(), state.content_hash,
                                                  root.document_name(item.file.relative))) {
      return take_over(item, *origin, std::move(state), segment);
    }
    return parse(item, std::move(state), std::move(bytes).value(), segment);
  }

  /// The file was indexed under another name, and says the same.
  Status take_over(const FileWork& item, const MovedFiles::Origin& origin, FileState state,
                   std::unique_ptr<SegmentWriter>& segment) {
    const IndexedRoot& root = roots_[item.root];
    if (Status s = provide(segment); !s) return s;
    const std::uint64_t chunks = segment->chunks();
    DocumentIdentity identity;
    identity.name = root.document_name(item.file.relative);
    identity.source = source_of(root.name, item.file.relative);
    identity.path = item.file.path;
    identity.mtime_ns = item.file.mtime_ns;
    if (Status s = MovedFiles::copy(origin, identity, *segment); !s) return s;
    chunks_ += segment->chunks() - chunks;
    state.content_hash = origin.state.content_hash;
    state.warning = origin.state.warning;
    state.skipped_members = origin.state.skipped_members;
    state.tried = origin.state.tried;
    {
      const std::lock_guard lock(mutex_);
      ++summary_.moved;
    }
    return finish(item, std::move(state), origin.documents.size(), true);
  }

  Status provide(std::unique_ptr<SegmentWriter>& segment) {
    if (segment) return {};
    auto created = indexer_.writer_.new_segment();
    if (!created) return created.error();
    segment = std::move(created).value();
    return {};
  }

  Status parse(const FileWork& item, FileState state, std::string bytes,
               std::unique_ptr<SegmentWriter>& segment) {
    const IndexedRoot& root = roots_[item.root];
    const std::string_view name = base_name(item.file.relative);
    const Parser& parser = parser_for(name, std::string_view(bytes).substr(0, 4096));
    const std::string document_name = root.document_name(item.file.relative);
    const std::uint64_t source = source_of(root.name, item.file.relative);
    std::uint64_t documents = 0;
    std::optional<Error> index_error;
    const ParseOptions& options = indexer_.options_.parse;
    const Status parsed = indexer_.extractor_.parse(
        parser, name, std::move(bytes), options,
        [&](ParsedDocument document) {
          if (!document.skipped.empty()) {
            state.skipped_members.push_back(
                {std::move(document.member), std::move(document.skipped)});
            return Status();
          }
          Status added = add(item, document_name, source, document, segment);
          if (!added) index_error = added.error();
          ++documents;
          return added;
        },
        indexer_.options_.stop);
    if (index_error) return *index_error;
    if (!parsed && parsed.error().kind == ErrorKind::cancelled) return {};  // the run ends
    if (!parsed) (documents == 0 ? state.skipped : state.warning) = parsed.error().message;
    if (documents == 0 && !state.skipped_members.empty() && state.skipped.empty()) {
      state.skipped = "no member of it was indexed";
    }
    if (parser.isolated() && (!parsed || !state.skipped_members.empty())) {
      const bool no_helper = !parsed && parsed.error().kind == ErrorKind::unavailable;
      state.tried = no_helper ? attempt_without_helper() : attempt_with(options);
    }
    return finish(item, std::move(state), documents, true);
  }

  Status add(const FileWork& item, const std::string& file_name, std::uint64_t source,
             const ParsedDocument& document, std::unique_ptr<SegmentWriter>& segment) {
    if (Status s = provide(segment); !s) return s;
    DocumentIdentity identity;
    identity.name = file_name;
    identity.path = item.file.path;
    if (!document.member.empty()) {
      identity.name += "/" + document.member;
      identity.path += "/" + document.member;
    }
    if (!document.record_id.empty()) identity.name += "#" + document.record_id;
    identity.id = document_id(identity.name);
    identity.source = source;
    identity.mtime_ns = item.file.mtime_ns;
    const std::vector<Chunk> chunks = chunker_.cut(document);
    chunks_ += chunks.size();
    if (Status s = segment->add(identity, document, chunks); !s) return s;
    return segment->full() ? keep(std::move(segment)) : Status();
  }

  /// Notes what became of a file: `state` empty: it is gone; `replaced`: its old documents go.
  Status finish(const FileWork& item, std::optional<FileState> state, std::uint64_t documents,
                bool replaced) {
    const std::lock_guard lock(mutex_);
    const IndexedRoot& root = roots_[item.root];
    const std::string name = root.document_name(item.file.relative);
    if (replaced) change_.replaced_sources.insert(source_of(root.name, item.file.relative));
    if (!state) {
      ++summary_.removed;
      roots_[item.root].changes.gone.push_back(item.file.relative);
    } else {
      if (!state->skipped.empty()) {
        summary_.skipped.push_back({name, state->skipped});
      } else if (replaced) {
        ++summary_.indexed;
      } else {
        ++summary_.unchanged;
      }
      tell_partial(summary_, name, *state);
      remember(item, std::move(*state));
    }
    summary_.documents += documents;
    summary_.chunks = chunks_;
    summary_.bytes += item.file.size;
    report(item);
    return {};
  }

  void remember(const FileWork& item, FileState state) {
    roots_[item.root].changes.seen[item.file.relative] = std::move(state);
  }

  void report(const FileWork& item) {
    ++progress_.files_done;
    progress_.bytes_done += item.file.size;
    if (indexer_.on_progress_) indexer_.on_progress_(progress_);
  }

  Indexer& indexer_;
  const std::vector<FileWork>& work_;
  const MovedFiles& moved_;
  const Chunker chunker_;
  std::size_t known_ = 0;  // the first files of the work: what is indexed of them changes
  std::chrono::milliseconds interval_{0};
  std::chrono::steady_clock::time_point started_;

  std::atomic<std::size_t> next_{0};
  std::atomic<std::uint64_t> chunks_{0};
  std::atomic<bool> failed_{false};
  std::mutex large_file_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<IndexedRoot>& roots_;
  IndexSummary& summary_;
  IndexChange change_;
  IndexProgress progress_;
  std::optional<Error> failure_;
};

Status Indexer::process(std::vector<IndexedRoot>& roots, std::vector<FileWork>& work,
                        IndexSummary& summary) {
  std::stable_partition(work.begin(), work.end(),
                        [](const FileWork& item) { return item.before.has_value(); });
  std::size_t threads = options_.threads;
  if (threads == 0) threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
  threads = std::min({threads, kMaxThreads, std::max<std::size_t>(work.size(), 1)});
  // Small changes make one segment rather than one a thread.
  constexpr std::size_t kFewFiles = 32;
  if (work.size() <= kFewFiles) threads = 1;
  MovedFiles moved;
  const bool any_found = std::any_of(work.begin(), work.end(),
                                     [](const FileWork& item) { return !item.file.path.empty(); });
  for (const FileWork& item : work) {
    if (!item.before || !any_found) continue;
    if (worth_another_attempt(item.before->tried, options_.parse)) continue;  // more may be read
    const IndexedRoot& root = roots[item.root];
    moved.add(root.document_name(item.file.relative), source_of(root.name, item.file.relative),
              *item.before);
  }
  if (!moved.empty()) {
    auto snapshot = writer_.snapshot();
    // Where another writer has just swept a segment of it, the files are parsed.
    if (!snapshot && snapshot.error().kind != ErrorKind::not_found) return snapshot.error();
    if (snapshot) moved.look_up(std::move(snapshot).value());
  }
  Batch batch(*this, roots, work, moved, summary);
  while (!batch.done()) {
    auto change = batch.run(threads);
    if (!change) return change.error();
    for (IndexedRoot& root : roots) {
      if (root.changes.empty()) continue;
      change->states.emplace_back(root.number, std::exchange(root.changes, {}));
    }
    if (Status s = writer_.commit(std::move(change).value()); !s) return s;
  }
  return {};
}

}  // namespace callslip
