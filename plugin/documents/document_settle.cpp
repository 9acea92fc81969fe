// DocumentStore::settle and end_changes: files and index are brought together again.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>

#include "index/files/atomic_file.h"
#include "index/formats/text_document.h"
#include "index/indexer.h"
#include "plugin/documents/document_store.h"
#include "plugin/documents/handed_removal.h"

namespace callslip {
namespace {

constexpr std::size_t kFilesPerCommit = 64;
constexpr std::uint64_t kBytesPerCommit = 32U << 20;
// A file in .new that is older belongs to nobody: its writer is dead.
constexpr std::chrono::minutes kAbandoned{60};

struct Known {
  std::string path;    // that the index has
  std::string proper;  // where it belongs
  std::int64_t mtime_ns = 0;
};

/// What the index knows of handed-over files, by source.
std::map<std::uint64_t, Known> known_files(const HandedFiles& files, const Snapshot& snapshot) {
  std::map<std::uint64_t, Known> known;
  for (DocumentNumber document = 0; document < snapshot.document_bound(); ++document) {
    if (!snapshot.alive(document)) continue;
    const DocumentRow& row = snapshot.document(document);
    if (known.contains(row.source)) continue;
    auto proper = original_of(files, snapshot, document);
    if (!proper) continue;
    known[row.source] = {std::string(snapshot.file_path(document)), std::move(*proper),
                         row.mtime_ns};
  }
  return known;
}

/// Puts files where the index says that they belong.
void put_right(const HandedFiles& files, const std::map<std::uint64_t, Known>& known) {
  std::error_code ignored;
  const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  for (const HandedFiles::Seen& received : files.received()) {
    const auto found = known.find(received.source);
    if (found != known.end() && found->second.mtime_ns == received.mtime_ns) {
      if (files.prepare(found->second.proper)) {
        files.place(TemporaryPath(received.path), found->second.proper);
      }
    } else if (now - received.mtime_ns > std::chrono::nanoseconds(kAbandoned).count()) {
      std::filesystem::remove(received.path, ignored);
    }
  }
  for (const HandedFiles::Seen& aside : files.aside()) {
    const auto found = known.find(aside.source);
    if (found != known.end() && HandedFiles::mtime_of(found->second.proper) == 0) {
      if (files.prepare(found->second.proper)) {
        files.put_back(TemporaryPath(aside.path), found->second.proper);
      }
    } else {
      std::filesystem::remove(aside.path, ignored);
    }
  }
}

std::string root_name_of(const Manifest& manifest, const std::string& collection) {
  for (const RootRecord& root : manifest.roots) {
    if (HandedFiles::collection_of(root) == collection) return root.name;
  }
  return "";
}

/// Whether the index has this original as it is.
bool is_settled(const HandedFiles& files, const Manifest& manifest,
                const std::map<std::uint64_t, Known>& known, const std::string& original) {
  const std::size_t slash = original.find('/');
  const std::string collection = original.substr(0, slash);
  const std::string relative = original.substr(slash + 1);
  const auto found = known.find(source_of(root_name_of(manifest, collection), relative));
  const std::string path = files.path(collection, relative);
  return found != known.end() && found->second.path == path &&
         found->second.mtime_ns == HandedFiles::mtime_of(path);
}

}  // namespace

Result<std::size_t> DocumentStore::settle(const std::stop_token& stop) {
  if (!files_.exist()) return std::size_t{0};
  // As a rule there is nothing to do, and then no lock is taken.
  if (!files_.received().empty() || !files_.aside().empty()) {
    if (const auto turn = take_turn(stop); !turn) return turn.error();
  }
  const auto latest = snapshot();
  if (!latest) return latest.error();
  const auto known = known_files(files_, **latest);
  std::vector<std::string> again = files_.originals();
  std::erase_if(again, [&](const std::string& original) {
    return is_settled(files_, (*latest)->manifest(), known, original);
  });
  return index_again(again, stop);
}

/// Before the first change of this process: so that it begins with what the last one has left.
Status DocumentStore::end_changes(const std::stop_token& stop) {
  if (ended_) return {};
  if (files_.exist()) {
    const auto lock = files_.lock(options_.wait, stop);
    if (!lock) return lock.error();
    const auto latest = snapshot();
    if (!latest) return latest.error();
    put_right(files_, known_files(files_, **latest));
  }
  ended_ = true;
  return {};
}

Result<std::size_t> DocumentStore::index_again(const std::vector<std::string>& originals,
                                               const std::stop_token& stop) {
  std::size_t indexed = 0;
  for (std::size_t next = 0; next < originals.size();) {
    const auto gate = enter(stop);
    if (!gate) return gate.error();
    const auto latest = snapshot();
    if (!latest) return latest.error();
    const auto known = known_files(files_, **latest);
    HandedChange change(*writer_, chunk_tokens_);
    std::uint64_t bytes = 0;
    for (std::size_t files = 0;
         next < originals.size() && files < kFilesPerCommit && bytes < kBytesPerCommit; ++files) {
      if (stop.stop_requested()) return Error{ErrorKind::cancelled, "stopped"};
      const std::string& original = originals[next++];
      // Another process may have changed it since it was looked at.
      if (is_settled(files_, (*latest)->manifest(), known, original)) continue;
      Place place;
      const std::size_t slash = original.find('/');
      place.folder = original.substr(0, slash);
      place.relative = original.substr(slash + 1);
      if (Status s = make_root(place); !s) return s.error();
      const std::uint64_t source = source_of(place.root, place.relative);
      const std::string path = files_.path(place.folder, place.relative);
      const std::int64_t mtime_ns = HandedFiles::mtime_of(path);
      if (mtime_ns == 0) continue;  // removed
      const HandedFiles::About about = files_.about(source);
      auto read = read_file(path, options_.max_bytes);
      bytes += read ? read->size() : 0;
      auto parsed = read ? parse_handed(extractor_, place.relative, std::move(read).value(),
                                        about.type, options_.parse, stop)
                         : Result<ParsedFile>(read.error());
      if (!parsed) {
        std::cerr << "callslip: " + original + " is not indexed: " + parsed.error().message + "\n";
        continue;
      }
      if (!about.title.empty() && parsed->documents.size() == 1) {
        parsed->documents[0].title = clean_heading(about.title);
      }
      const auto added = change.add({place.root, place.relative, path, mtime_ns}, *parsed);
      if (!added) return added.error();
      ++indexed;
    }
    if (Status s = writer_->commit(change.take()); !s) return s.error();
  }
  return indexed;
}

}  // namespace callslip
