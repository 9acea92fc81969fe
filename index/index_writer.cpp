#include "index/index_writer.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "index/files/atomic_file.h"
#include "index/files/file_descriptor.h"
#include "index/files/file_walker.h"
#include "index/hash.h"
#include "index/store/index_location.h"
#include "index/store/segment_merge.h"

namespace callslip {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kDefaultChunkTokens = 512;
constexpr std::size_t kMaxTokenizerBytes = 64U << 20;

std::string random_hex() {
  std::random_device device;
  return hex64(static_cast<std::uint64_t>(device()) << 32 | device());
}

std::string state_path(const std::string& directory, const std::string& file) {
  return directory + "/states/" + file;
}

Status make_directory(const std::string& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code) return system_error(path, code.value());
  return {};
}

/// Adds rows to ascending, disjoint ranges.
void add_dead(std::vector<std::pair<std::uint32_t, std::uint32_t>>& ranges,
              const std::vector<std::uint32_t>& rows) {
  for (const std::uint32_t row : rows) ranges.emplace_back(row, row + 1);
  std::sort(ranges.begin(), ranges.end());
  std::vector<std::pair<std::uint32_t, std::uint32_t>> merged;
  for (const auto& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().second) {
      merged.back().second = std::max(merged.back().second, range.second);
    } else {
      merged.push_back(range);
    }
  }
  ranges = std::move(merged);
}

std::uint64_t dead_count(const SegmentRecord& segment) {
  std::uint64_t count = 0;
  for (const auto& [first, last] : segment.dead) count += last - first;
  return count;
}

/// What tells two revisions apart: the dead of a segment only become more.
std::vector<std::pair<std::string, std::uint64_t>> names_and_dead(const Manifest& manifest) {
  std::vector<std::pair<std::string, std::uint64_t>> all;
  for (const SegmentRecord& segment : manifest.segments) {
    all.emplace_back(segment.info.name, dead_count(segment));
  }
  return all;
}

}  // namespace

IndexWriter::IndexWriter(std::string directory, Options options)
    : directory_(std::move(directory)), options_(std::move(options)) {}

IndexWriter::~IndexWriter() {
  std::error_code ignored;
  if (!scratch_.empty()) fs::remove_all(scratch_, ignored);
}

Result<std::unique_ptr<IndexWriter>> IndexWriter::open(const std::string& directory,
                                                       Options options) {
  std::unique_ptr<IndexWriter> writer(new IndexWriter(directory, std::move(options)));
  if (Status s = make_directory(directory); !s) return s.error();
  if (Status s = writer->load_or_create(); !s) return s.error();
  // Under the lock: sweepers take a scratch folder that nobody has locked for an orphan.
  const auto index_lock = writer->lock();
  if (!index_lock) return index_lock.error();
  const std::string name = std::to_string(::getpid()) + "-" + random_hex();
  writer->scratch_ = directory + "/scratch/" + name;
  if (Status s = make_directory(writer->scratch_); !s) return s.error();
  auto lock = FileLock::acquire(writer->scratch_ + "/lock", std::chrono::milliseconds(0), {});
  if (!lock) return lock.error();
  writer->scratch_lock_ = std::make_unique<FileLock>(std::move(lock).value());
  return writer;
}

Result<FileLock> IndexWriter::lock() const {
  auto lock = FileLock::acquire(directory_ + "/lock", options_.lock_wait, options_.stop);
  if (!lock) return lock.error().within("index " + directory_);
  return lock;
}

Status IndexWriter::load_or_create() {
  const auto lock = this->lock();
  if (!lock) return lock.error();
  auto manifest = Manifest::load(directory_);
  if (manifest) {
    manifest_ = std::move(manifest).value();
    if (options_.chunk_tokens != 0 && options_.chunk_tokens != manifest_.chunk_tokens) {
      return Error{ErrorKind::invalid_argument,
                   "the index at " + directory_ + " has chunks of " +
                       std::to_string(manifest_.chunk_tokens) +
                       " tokens; give the same --chunk-tokens, or another --index"};
    }
    return open_tokenizer();
  }
  if (manifest.error().kind != ErrorKind::not_found) return manifest.error();
  manifest_.index_id = random_hex();
  manifest_.chunk_tokens = options_.chunk_tokens == 0 ? kDefaultChunkTokens : options_.chunk_tokens;
  if (options_.tokenizer_file.empty()) {
    tokens_ = make_token_estimator();
  } else {
    auto tokenizer = load_bpe_tokenizer(options_.tokenizer_file);
    if (!tokenizer) return tokenizer.error();
    tokens_ = std::move(tokenizer).value();
    const auto bytes = read_file(options_.tokenizer_file, kMaxTokenizerBytes);
    if (!bytes) return bytes.error();
    if (Status s = write_file_atomically(directory_ + "/" + std::string(tokenizer_copy), *bytes);
        !s) {
      return s;
    }
  }
  manifest_.tokenizer = tokens_->id();
  return {};
}

Status IndexWriter::open_tokenizer() {
  auto counter = open_tokenizer_of(directory_, manifest_);
  if (!counter) return counter.error();
  tokens_ = std::move(counter).value();
  if (options_.tokenizer_file.empty()) return {};
  const auto wanted = load_bpe_tokenizer(options_.tokenizer_file);
  if (!wanted) return wanted.error();
  if ((*wanted)->id() != tokens_->id()) {
    return Error{ErrorKind::invalid_argument,
                 "the index at " + directory_ + " counts tokens with " + tokens_->id() +
                     "; give the same --tokenizer, or another --index"};
  }
  return {};
}

Result<std::unique_ptr<TokenCounter>> open_tokenizer_of(const std::string& directory,
                                                        const Manifest& manifest) {
  auto estimator = make_token_estimator();
  if (manifest.tokenizer.empty() || manifest.tokenizer == estimator->id()) return estimator;
  if (!manifest.tokenizer.starts_with("tiktoken:")) {
    return Error{ErrorKind::version,
                 "the index at " + directory + " counts tokens with " + manifest.tokenizer +
                     ", which this callslip does not have; " + how_to_make_anew(directory)};
  }
  auto tokenizer = load_bpe_tokenizer(directory + "/" + std::string(tokenizer_copy));
  if (!tokenizer) return tokenizer.error();
  if ((*tokenizer)->id() != manifest.tokenizer) {
    return Error{ErrorKind::damaged, directory + "/" + std::string(tokenizer_copy) +
                                         ": not the tokenizer that the index was made with"};
  }
  return tokenizer;
}

Result<std::size_t> IndexWriter::root(const std::string& real_path, std::string name) {
  const auto lock = this->lock();
  if (!lock) return lock.error();
  auto latest = Manifest::load(directory_);
  Manifest next = latest ? std::move(latest).value() : manifest_;
  const std::string path = as_utf8(real_path);
  if (name.empty()) name = path.substr(path.rfind('/') + 1);
  if (name.empty()) name = "root";
  for (std::size_t i = 0; i < next.roots.size(); ++i) {
    if (next.roots[i].path != path) continue;
    manifest_ = next;
    if (!next.roots[i].removed) return i;
    next.roots[i].removed = false;
    if (Status s = publish(std::move(next)); !s) return s.error();
    return i;
  }
  const auto taken = [&](const std::string& candidate) {
    return std::any_of(next.roots.begin(), next.roots.end(),
                       [&](const RootRecord& root) { return root.name == candidate; });
  };
  std::string unique = name;
  for (int number = 2; taken(unique); ++number) unique = name + "-" + std::to_string(number);
  next.roots.push_back({unique, path, false, "", device_of(real_path), 0});
  if (Status s = publish(std::move(next)); !s) return s.error();
  return manifest_.roots.size() - 1;
}

Result<std::optional<std::size_t>> IndexWriter::find_root(const std::string& real_path) {
  auto latest = Manifest::load(directory_);
  if (latest) {
    manifest_ = std::move(latest).value();
  } else if (latest.error().kind != ErrorKind::not_found) {
    return latest.error();
  }
  const std::string path = as_utf8(real_path);
  for (std::size_t i = 0; i < manifest_.roots.size(); ++i) {
    if (manifest_.roots[i].path == path) return std::optional(i);
  }
  return std::optional<std::size_t>();
}

Result<const FileStates*> IndexWriter::states(std::size_t root) {
  const RootRecord& record = manifest_.roots.at(root);
  KnownStates& known = known_states_[root];
  const bool current = known.file == record.files && known.bytes == record.files_bytes;
  if (current && !known.file.empty()) return &known.states;
  known = {record.files, record.files_bytes, {}};
  if (record.files.empty()) return &known.states;
  auto states = load_file_states(state_path(directory_, record.files), record.files_bytes);
  if (!states) {
    // Without them every file is looked at again: slower, not wrong. They are missing where another
    // writer has committed since.
    const ErrorKind kind = states.error().kind;
    if (kind != ErrorKind::damaged && kind != ErrorKind::not_found) return states.error();
    known.file.clear();
    states = states_of_documents(root);
    if (!states) return states.error();
  }
  known.states = std::move(states).value();
  return &known.states;
}

/// Under the lock; `root` is the latest manifest's. What is known follows what it will say.
Status IndexWriter::save_states(RootRecord& root, std::size_t number,
                                const FileStateChanges& changes) {
  const bool never_read = !known_states_.contains(number);
  KnownStates& known = known_states_[number];
  const bool current = known.file == root.files && known.bytes == root.files_bytes;
  if (current && !root.files.empty()) {
    const auto bytes =
        append_file_states(state_path(directory_, root.files), root.files_bytes, changes);
    if (!bytes) return bytes.error();
    if (*bytes) {
      changes.apply_to(known.states);
      known.bytes = root.files_bytes = **bytes;
      return {};
    }
  } else if (!root.files.empty() && (never_read || !known.file.empty())) {
    // Another writer has committed since.
    auto states = load_file_states(state_path(directory_, root.files), root.files_bytes);
    if (states) known.states = std::move(states).value();
  }
  changes.apply_to(known.states);
  known.file = std::to_string(number) + "-" + random_hex();
  const auto bytes = save_file_states(state_path(directory_, known.file), known.states);
  if (!bytes) return bytes.error();
  root.files = known.file;
  root.files_bytes = known.bytes = *bytes;
  return {};
}

/// States that match no file, of all the files that have documents: so that those that are gone are
/// told from those that are new.
Result<FileStates> IndexWriter::states_of_documents(std::size_t root) const {
  const auto snapshot = Snapshot::open(directory_, manifest_, snapshot_.get(), cache_);
  if (!snapshot) return snapshot.error();
  const std::string& root_name = manifest_.roots.at(root).name;
  FileStates states;
  for (const DocumentNumber document : (*snapshot)->documents_by_name()) {
    const std::string_view name = (*snapshot)->file_name(document);
    if (name == root_name) {
      const std::string_view path = (*snapshot)->file_path(document);
      states.emplace(as_utf8(path.substr(path.rfind('/') + 1)), FileState{});
    } else if (name.starts_with(root_name + "/")) {
      states.emplace(name.substr(root_name.size() + 1), FileState{});
    }
  }
  return states;
}

Result<std::unique_ptr<SegmentWriter>> IndexWriter::new_segment() {
  return SegmentWriter::create(scratch_ + "/" + std::to_string(next_segment_++));
}

Status IndexWriter::commit(IndexChange change) {
  for (auto& segment : change.added) {
    if (segment->documents() == 0) segment.reset();
  }
  std::erase(change.added, nullptr);
  const auto lock = this->lock();
  if (!lock) return lock.error();
  auto latest = Manifest::load(directory_);
  const bool is_first = !latest;
  Manifest next = latest ? std::move(latest).value() : manifest_;
  const auto segments_before = names_and_dead(next);
  if (Status s = apply_removals(next, change); !s) return s;
  if (Status s = add_segments(next, change.added); !s) return s;
  if (Status s = merge(next); !s) return s;
  if (Status s = make_directory(directory_ + "/states"); !s) return s;
  for (const auto& [root, changes] : change.states) {
    if (Status s = save_states(next.roots.at(root), root, changes); !s) {
      known_states_.clear();
      return s;
    }
  }
  for (const std::size_t root : change.removed_roots) {
    next.roots.at(root).removed = true;
    next.roots.at(root).files.clear();
    next.roots.at(root).files_bytes = 0;
  }
  const bool visible =
      is_first || !change.removed_roots.empty() || segments_before != names_and_dead(next);
  Status published = publish(std::move(next), visible);
  if (!published) known_states_.clear();  // they are ahead of the disk
  return published;
}

Result<std::shared_ptr<const Snapshot>> IndexWriter::snapshot_of(const Manifest& manifest) {
  auto snapshot = Snapshot::open(directory_, manifest, snapshot_.get(), cache_);
  if (snapshot) snapshot_ = *snapshot;
  return snapshot;
}

Status IndexWriter::apply_removals(Manifest& next, const IndexChange& change) {
  if (change.replaced_sources.empty() && change.removed_documents.empty()) return {};
  const auto snapshot = snapshot_of(next);
  if (!snapshot) return snapshot.error();
  for (std::size_t i = 0; i < next.segments.size(); ++i) {
    const SegmentView& view = (*snapshot)->segments()[i];
    const auto documents = view.segment->catalog().documents();
    std::vector<std::uint32_t> dead;
    for (std::uint32_t d = 0; d < documents.size(); ++d) {
      if (change.replaced_sources.contains(documents[d].source) ||
          change.removed_documents.contains(documents[d].id)) {
        dead.push_back(d);
      }
    }
    if (!dead.empty()) add_dead(next.segments[i].dead, dead);
  }
  std::erase_if(next.segments, [](const SegmentRecord& segment) {
    return dead_count(segment) == segment.info.documents;
  });
  return {};
}

Status IndexWriter::add_segments(Manifest& next,
                                 const std::vector<std::unique_ptr<SegmentWriter>>& added) {
  if (Status s = make_directory(directory_ + "/segments"); !s) return s;
  for (const auto& segment : added) {
    auto info = segment->finish();
    if (!info) return info.error();
    info->name = random_hex();
    const std::string target = segment_path(directory_, info->name);
    if (::rename(segment->directory().c_str(), target.c_str()) != 0) {
      return system_error(target, errno);
    }
    next.segments.push_back({std::move(info).value(), {}});
  }
  if (added.empty()) return {};
  return sync_directory(directory_ + "/segments");
}

Status IndexWriter::merge(Manifest& next) {
  for (std::vector<std::size_t> group = segments_to_merge(next); !group.empty();
       group = segments_to_merge(next)) {
    if (Status s = merge_group(next, std::move(group)); !s) return s;
  }
  return {};
}

Status IndexWriter::merge_group(Manifest& next, std::vector<std::size_t> group) {
  const auto snapshot = snapshot_of(next);
  if (!snapshot) return snapshot.error();
  auto merged = new_segment();
  if (!merged) return merged.error();
  std::vector<std::pair<std::uint32_t, std::uint32_t>> dead;
  for (const std::size_t number : group) {
    const SegmentRecord& record = next.segments[number];
    const Segment& segment = *(*snapshot)->segments()[number].segment;
    if (group.size() == 1) {  // most of it is dead
      if (Status s = copy_living((*snapshot)->segments()[number], **merged); !s) return s;
      break;
    }
    const auto first = static_cast<std::uint32_t>((*merged)->documents());
    for (const auto& [from, to] : record.dead) dead.emplace_back(first + from, first + to);
    const std::string directory = segment_path(directory_, record.info.name);
    if (Status s = (*merged)->append(segment, directory); !s) return s;
  }
  std::vector<std::unique_ptr<SegmentWriter>> added;
  if ((*merged)->documents() > 0) added.push_back(std::move(merged).value());
  if (Status s = add_segments(next, added); !s) return s;
  if (!added.empty()) next.segments.back().dead = std::move(dead);
  std::sort(group.rbegin(), group.rend());
  for (const std::size_t segment : group) {
    next.segments.erase(next.segments.begin() + static_cast<std::ptrdiff_t>(segment));
  }
  return {};
}

Status IndexWriter::publish(Manifest next, bool visible) {
  if (visible) ++next.revision;
  if (Status s = next.save(directory_); !s) return s;
  manifest_ = std::move(next);
  sweep();
  return {};
}

/// Removes what no manifest names: called under the lock, after a commit.
void IndexWriter::sweep() const {
  std::set<std::string> segments;
  std::set<std::string> states;
  for (const SegmentRecord& segment : manifest_.segments) segments.insert(segment.info.name);
  for (const RootRecord& root : manifest_.roots) states.insert(root.files);
  std::error_code ignored;
  const auto remove_others = [&](const char* folder, const std::set<std::string>& kept) {
    for (const auto& entry : fs::directory_iterator(directory_ + "/" + folder, ignored)) {
      if (!kept.contains(entry.path().filename().string())) fs::remove_all(entry.path(), ignored);
    }
  };
  remove_others("segments", segments);
  remove_others("states", states);
  // The manifest of a writer that was killed before it was renamed: who writes one holds the lock.
  for (const auto& entry : fs::directory_iterator(directory_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".callslip-") && name.ends_with(".tmp")) fs::remove(entry.path(), ignored);
  }
  // The scratch of a writer that was killed: nobody holds its lock any more.
  for (const auto& entry : fs::directory_iterator(directory_ + "/scratch", ignored)) {
    if (entry.path() == scratch_) continue;
    if (FileLock::acquire(entry.path().string() + "/lock", std::chrono::milliseconds(0), {})) {
      fs::remove_all(entry.path(), ignored);
    }
  }
}

}  // namespace callslip
