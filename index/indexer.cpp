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

#include "index/atomic_file.h"
#include "index/chunker.h"
#include "index/document_id.h"
#include "index/extract/helper_formats.h"
#include "index/extract/parse_attempt.h"
#include "index/file_descriptor.h"
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

const char* label(SkipKind kind) {
  switch (kind) {
    case SkipKind::hidden:
      return "hidden";
    case SkipKind::ignored:
      return "ignored";
    default:
      return "excluded";
  }
}

FileState state_of(const FoundFile& file) {
  FileState state;
  state.size = file.size;
  state.mtime_ns = file.mtime_ns;
  state.ctime_ns = file.ctime_ns;
  state.inode = file.inode;
  return state;
}

/// A file that was indexed, but not all of it.
void tell_partial(IndexSummary& summary, const std::string& name, const FileState& state) {
  if (!state.warning.empty()) summary.warnings.push_back({name, state.warning});
  for (const FileState::Member& member : state.skipped_members) {
    summary.skipped_members.push_back({name + "/" + member.path, member.reason});
  }
}

std::vector<Glob> globs(const std::vector<std::string>& patterns) {
  return {patterns.begin(), patterns.end()};
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

/// A root, and what is known of its files.
struct Indexer::Root {
  std::size_t number = 0;
  std::string name;
  bool single_file = false;
  FileStates states;  // as they will be after the commit
  bool changed = false;

  std::string document_name(const std::string& relative) const {
    return single_file ? name : name + "/" + relative;
  }
};

struct Indexer::Work {
  std::size_t root = 0;  // in the vector of roots
  FoundFile file;
  std::optional<FileState> before;
};

Indexer::Indexer(IndexWriter& writer, IndexerOptions options, OnProgress on_progress)
    : writer_(writer), options_(std::move(options)), on_progress_(std::move(on_progress)) {}

Result<IndexSummary> Indexer::run(const std::vector<std::string>& paths) {
  IndexSummary summary;
  std::vector<Root> roots;
  std::vector<Work> work;
  for (const std::string& path : paths) {
    if (Status s = scan(path, summary, roots, work); !s) return s.error();
  }
  if (Status s = process(roots, work, summary); !s) return s.error();
  if (std::string weakness = extractor_.weakness(); !weakness.empty()) {
    summary.warnings.push_back({"callslip-extract", std::move(weakness)});
  }
  return summary;
}

Status Indexer::scan(const std::string& path, IndexSummary& summary, std::vector<Root>& roots,
                     std::vector<Work>& work) {
  const auto leave_alone = [&](const std::string& reason) {
    summary.warnings.push_back({path, reason + "; what is indexed of it stays as it is"});
    return Status();
  };
  const auto real = real_path(path);
  if (!real) return leave_alone(real.error().message);
  std::error_code ignored;
  const bool single_file = !std::filesystem::is_directory(*real, ignored);

  struct Sink final : WalkSink {
    std::vector<FoundFile> files;
    std::vector<SkippedPath> skipped;
    Status on_file(FoundFile file) override {
      files.push_back(std::move(file));
      return {};
    }
    void on_skip(SkippedPath path) override { skipped.push_back(std::move(path)); }
  } sink;
  WalkOptions walk_options;
  walk_options.include = globs(options_.include);
  walk_options.exclude = globs(options_.exclude);
  walk_options.max_file_size = options_.max_file_size;
  walk_options.size_exempt = is_jsonl;  // not what is unpacked in memory
  walk_options.stop = options_.stop;
  if (Status s = walk(*real, walk_options, sink); !s) {
    if (s.error().kind == ErrorKind::cancelled) return s;
    return leave_alone(s.error().message);
  }

  const auto number = writer_.root(*real, options_.name);
  if (!number) return number.error();
  const bool twice = std::any_of(roots.begin(), roots.end(),
                                 [&](const Root& root) { return root.number == *number; });
  if (twice) return {};
  auto states = writer_.states(*number);
  if (!states) return states.error();
  if (!states->empty() && sink.files.empty() && sink.skipped.empty() && !single_file &&
      device_of(*real) != writer_.manifest().roots[*number].device) {
    return leave_alone(path + ": empty, and on another disk than when it was indexed; if its " +
                       "documents are to go, run: callslip remove '" +
                       writer_.manifest().roots[*number].name + "/'");
  }
  Root root;
  root.number = *number;
  root.name = writer_.manifest().roots[*number].name;
  root.single_file = single_file;

  const std::size_t position = roots.size();
  for (FoundFile& file : sink.files) {
    ++summary.files;
    const FileState seen = state_of(file);
    const auto known = states->find(file.relative);
    if (known == states->end()) {
      work.push_back({position, std::move(file), std::nullopt});
      continue;
    }
    if (!known->second.same_stat(seen) ||
        worth_another_attempt(known->second.tried, options_.parse)) {
      work.push_back({position, std::move(file), known->second});
      states->erase(known);
      continue;
    }
    const std::string name = root.document_name(file.relative);
    if (!known->second.skipped.empty()) {
      summary.skipped.push_back({name, known->second.skipped});
    } else {
      ++summary.unchanged;
    }
    tell_partial(summary, name, known->second);
    root.states.insert(states->extract(known));
  }
  std::vector<std::string> unreadable;  // folders: what is known below them stays
  for (SkippedPath& skipped : sink.skipped) {
    if (skipped.kind == SkipKind::hidden || skipped.kind == SkipKind::ignored ||
        skipped.kind == SkipKind::excluded) {
      ++summary.passed_by[std::string(label(skipped.kind)) +
                          (skipped.directory ? " folders" : " files")];
      continue;
    }
    ++summary.files;
    if (skipped.kind == SkipKind::unreadable) unreadable.push_back(skipped.relative);
    summary.skipped.push_back(
        {skipped.relative.empty() ? root.name : root.document_name(skipped.relative),
         std::move(skipped.reason)});
  }
  // What is left was there and is gone, unless we may not look.
  for (auto it = states->begin(); it != states->end();) {
    const bool hidden_from_us =
        std::any_of(unreadable.begin(), unreadable.end(), [&](const std::string& folder) {
          return it->first == folder || it->first.starts_with(folder + "/");
        });
    const auto next = std::next(it);
    if (hidden_from_us) {
      root.states.insert(states->extract(it));
    } else {
      work.push_back({position, FoundFile{"", it->first, 0, 0, 0, 0}, it->second});
    }
    it = next;
  }
  roots.push_back(std::move(root));
  return {};
}

/// What the threads share while they work off a part of the list.
class Indexer::Batch {
 public:
  Batch(Indexer& indexer, std::vector<Root>& roots, const std::vector<Work>& work,
        IndexSummary& summary)
      : indexer_(indexer),
        work_(work),
        chunker_(indexer.writer_.tokens(), indexer.writer_.manifest().chunk_tokens),
        roots_(roots),
        summary_(summary) {
    progress_.files_total = work.size();
    for (const Work& item : work) progress_.bytes_total += item.file.size;
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
    return interval_.count() > 0 && std::chrono::steady_clock::now() - started_ >= interval_;
  }

  void work_off() {
    std::unique_ptr<SegmentWriter> segment;
    while (!failed_ && !time_to_commit() && !indexer_.options_.stop.stop_requested()) {
      const std::size_t number = next_++;
      if (number >= work_.size()) break;
      if (Status s = index_file(work_[number], segment); !s) {
        const std::lock_guard lock(mutex_);
        failed_ = true;
        if (!failure_) failure_ = s.error();
        return;
      }
      if (segment && segment->full()) keep(std::move(segment));
    }
    if (segment) keep(std::move(segment));
  }

  void keep(std::unique_ptr<SegmentWriter> segment) {
    const std::lock_guard lock(mutex_);
    for (const auto& [reason, count] : segment->ranked_down())
      summary_.ranked_down[reason] += count;
    change_.added.push_back(std::move(segment));
  }

  /// An error here is one of the index; what is wrong with the file goes into the summary.
  Status index_file(const Work& item, std::unique_ptr<SegmentWriter>& segment) {
    const Root& root = roots_[item.root];
    if (item.file.path.empty()) return finish(item, std::nullopt, 0, true);
    FileState state = state_of(item.file);
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
    return parse(item, std::move(state), std::move(bytes).value(), segment);
  }

  Status parse(const Work& item, FileState state, std::string bytes,
               std::unique_ptr<SegmentWriter>& segment) {
    const Root& root = roots_[item.root];
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

  Status add(const Work& item, const std::string& file_name, std::uint64_t source,
             const ParsedDocument& document, std::unique_ptr<SegmentWriter>& segment) {
    if (!segment) {
      auto created = indexer_.writer_.new_segment();
      if (!created) return created.error();
      segment = std::move(created).value();
    }
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
    Status added = segment->add(identity, document, chunks);
    if (added && segment->full()) keep(std::move(segment));
    return added;
  }

  /// Notes what became of a file: `state` empty: it is gone; `replaced`: its old documents go.
  Status finish(const Work& item, std::optional<FileState> state, std::uint64_t documents,
                bool replaced) {
    const std::lock_guard lock(mutex_);
    const Root& root = roots_[item.root];
    const std::string name = root.document_name(item.file.relative);
    if (replaced) change_.replaced_sources.insert(source_of(root.name, item.file.relative));
    if (!state) {
      ++summary_.removed;
      roots_[item.root].changed = true;
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

  void remember(const Work& item, FileState state) {
    roots_[item.root].states[item.file.relative] = std::move(state);
    roots_[item.root].changed = true;
  }

  void report(const Work& item) {
    ++progress_.files_done;
    progress_.bytes_done += item.file.size;
    if (indexer_.on_progress_) indexer_.on_progress_(progress_);
  }

  Indexer& indexer_;
  const std::vector<Work>& work_;
  const Chunker chunker_;
  std::chrono::milliseconds interval_{0};
  std::chrono::steady_clock::time_point started_;

  std::atomic<std::size_t> next_{0};
  std::atomic<std::uint64_t> chunks_{0};
  std::atomic<bool> failed_{false};
  std::mutex large_file_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<Root>& roots_;
  IndexSummary& summary_;
  IndexChange change_;
  IndexProgress progress_;
  std::optional<Error> failure_;
};

Status Indexer::process(std::vector<Root>& roots, const std::vector<Work>& work,
                        IndexSummary& summary) {
  std::size_t threads = options_.threads;
  if (threads == 0) threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
  threads = std::min({threads, kMaxThreads, std::max<std::size_t>(work.size(), 1)});
  // Small changes make one segment rather than one a thread.
  constexpr std::size_t kFewFiles = 32;
  if (work.size() <= kFewFiles) threads = 1;
  Batch batch(*this, roots, work, summary);
  while (!batch.done()) {
    auto change = batch.run(threads);
    if (!change) return change.error();
    for (Root& root : roots) {
      if (!root.changed) continue;
      root.changed = false;
      change->states.emplace_back(root.number, root.states);
    }
    if (Status s = writer_.commit(std::move(change).value()); !s) return s;
  }
  return {};
}

}  // namespace callslip
