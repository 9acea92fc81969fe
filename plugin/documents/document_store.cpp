#include "plugin/documents/document_store.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>

#include "index/document_id.h"
#include "index/files/atomic_file.h"
#include "index/formats/text_document.h"
#include "index/indexer.h"
#include "plugin/documents/document_name.h"
#include "plugin/documents/handed_removal.h"
#include "tools/document_filter.h"
#include "tools/document_uri.h"
#include "tools/text_block.h"

namespace callslip {
namespace {

constexpr const char* kDefaultCollection = "attachments";
constexpr std::size_t kMaxCollections = 1000;
constexpr std::size_t kLargeFile = 16U << 20;  // parsed one at a time
constexpr std::chrono::milliseconds kSlice{50};

Error may_not_write() {
  return {ErrorKind::invalid_argument,
          "documents cannot be changed here: that takes a token with the scope \"write\""};
}

Error cancelled() { return {ErrorKind::cancelled, "cancelled"}; }

Error busy() {
  return {ErrorKind::locked, "other documents are being added; try again in a few seconds"};
}

const RootRecord* root_named(const Manifest& manifest, const std::string& name) {
  const auto found = std::find_if(manifest.roots.begin(), manifest.roots.end(),
                                  [&](const RootRecord& root) { return root.name == name; });
  return found == manifest.roots.end() ? nullptr : &*found;
}

bool has(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string too_large(std::uint64_t bytes, std::uint64_t most) {
  return "it has " + std::to_string(bytes) + " bytes, and at most " + std::to_string(most) +
         " are taken (--max-file-size)";
}

bool holds(const Snapshot& snapshot, std::uint64_t source) {
  for (DocumentNumber document = 0; document < snapshot.document_bound(); ++document) {
    if (snapshot.alive(document) && snapshot.document(document).source == source) return true;
  }
  return false;
}

/// What an archive holds and is not indexed: the first few by name.
void note_members(const std::vector<std::string>& skipped, std::vector<std::string>& notes) {
  constexpr std::size_t kNamed = 20;
  for (std::size_t i = 0; i < skipped.size() && i < kNamed; ++i) {
    notes.push_back("not indexed: " + skipped[i]);
  }
  if (skipped.size() > kNamed) {
    notes.push_back("not indexed: " + std::to_string(skipped.size() - kNamed) + " more members");
  }
}

/// A title that the caller gave, in place of the document's own.
void give_title(ParsedFile& parsed, const std::string& title, std::vector<std::string>& notes) {
  if (title.empty()) return;
  const ParsedDocument& first = parsed.documents[0];
  if (parsed.documents.size() != 1 || !first.record_id.empty() || !first.member.empty()) {
    notes.emplace_back("title ignored: the documents in a collection have their own");
    return;
  }
  parsed.documents[0].title = clean_heading(title);
}

}  // namespace

DocumentStore::DocumentStore(Library& library, Options options)
    : library_(library), options_(std::move(options)), files_(library.index().directory()) {
  if (!options_.settle || !files_.exist()) return;
  settling_ = std::jthread([this](const std::stop_token& stop) {
    const auto again = settle(stop);
    if (!again && again.error().kind != ErrorKind::cancelled) {
      std::cerr << "callslip: documents that were handed over: " + again.error().message + "\n";
    } else if (again && *again > 0) {
      std::cerr << "callslip: " + quantity(*again, "handed-over document") + " indexed again\n";
    }
  });
}

DocumentStore::~DocumentStore() = default;

Result<std::shared_ptr<const Snapshot>> DocumentStore::snapshot() const {
  auto snapshot = library_.index().snapshot();
  if (!snapshot && snapshot.error().kind == ErrorKind::not_found) return Snapshot::empty();
  return snapshot;
}

Result<std::unique_lock<std::timed_mutex>> DocumentStore::take_turn(const std::stop_token& stop) {
  std::unique_lock lock(mutex_, std::defer_lock);
  const auto until = CallContext::Clock::now() + options_.wait;
  while (!lock.try_lock_for(kSlice)) {
    if (stop.stop_requested()) return cancelled();
    if (CallContext::Clock::now() >= until) return busy();
  }
  if (Status s = end_changes(stop); !s) return s.error();
  if (writer_) return lock;
  IndexWriter::Options writer = options_.writer;
  writer.lock_wait = options_.wait;
  auto opened = IndexWriter::open(library_.index().directory(), writer);
  if (!opened) return opened.error();
  writer_ = std::move(opened).value();
  chunk_tokens_ = writer_->manifest().chunk_tokens;
  return lock;
}

Result<DocumentStore::Gate> DocumentStore::enter(const std::stop_token& stop) {
  auto threads = take_turn(stop);
  if (!threads) return threads.error();
  auto processes = files_.lock(options_.wait, stop);
  if (!processes) {
    return processes.error().kind == ErrorKind::locked ? busy() : processes.error();
  }
  return Gate{std::move(threads).value(), std::move(processes).value()};
}

Result<DocumentStore::Place> DocumentStore::place_of(const std::string& name,
                                                     const CallContext& context) const {
  auto handed = parse_handed_name(name);
  if (!handed) return handed.error();
  const auto latest = snapshot();
  if (!latest) return latest.error();
  const Manifest& manifest = (*latest)->manifest();
  const auto is_foreign = [&](const std::string& collection) {
    const RootRecord* root = root_named(manifest, collection);
    return root != nullptr && !HandedFiles::collection_of(*root);
  };
  Place place;
  place.relative = handed->relative;
  place.wanted = handed->collection;
  if (place.wanted.empty() && context.collections) {
    const std::vector<std::string>& own = *context.collections;
    const auto first =
        has(own, kDefaultCollection) && !is_foreign(kDefaultCollection)
            ? std::find(own.begin(), own.end(), kDefaultCollection)
            : std::find_if(own.begin(), own.end(), [&](const auto& c) { return !is_foreign(c); });
    if (first == own.end()) {
      return Error{ErrorKind::invalid_argument,
                   "documents cannot be added: the collections of your token (" + joined(own) +
                       ") are folders that are indexed; it needs one more, such as \"uploads\""};
    }
    place.wanted = *first;
  }
  if (place.wanted.empty()) {
    place.folder = kDefaultCollection;
    for (const RootRecord& root : manifest.roots) {
      if (HandedFiles::collection_of(root) == place.folder) place.root = root.name;
    }
    return place;
  }
  if (context.collections && !has(*context.collections, place.wanted)) {
    return Error{ErrorKind::invalid_argument, "name: your token may write to " +
                                                  joined(*context.collections) + ", not to \"" +
                                                  place.wanted + "\""};
  }
  if (is_foreign(place.wanted)) {
    return Error{ErrorKind::invalid_argument,
                 "name: \"" + place.wanted +
                     "\" is a folder or file that is indexed from the disk; documents go to "
                     "collections of their own, such as \"" +
                     kDefaultCollection + "/" + place.relative + "\""};
  }
  // A --name may hold a slash: then it may begin like ours.
  const std::string full = place.wanted + "/" + place.relative;
  if (const auto root = root_of(manifest, full);
      root && !HandedFiles::collection_of(manifest.roots[*root])) {
    return Error{ErrorKind::invalid_argument, "name: \"" + manifest.roots[*root].name +
                                                  "\" is indexed from the disk; choose another"};
  }
  const RootRecord* root = root_named(manifest, place.wanted);
  place.folder = root == nullptr ? place.wanted : *HandedFiles::collection_of(*root);
  const auto collections = std::count_if(
      manifest.roots.begin(), manifest.roots.end(),
      [](const RootRecord& record) { return HandedFiles::collection_of(record).has_value(); });
  if (root == nullptr && static_cast<std::size_t>(collections) >= kMaxCollections) {
    return Error{ErrorKind::invalid_argument,
                 "name: there are " + std::to_string(kMaxCollections) +
                     " collections, and no more are made; use one of them"};
  }
  return place;
}

/// With the writer: the collection's root is there from then on.
Status DocumentStore::make_root(Place& place) {
  const auto number = writer_->root(HandedFiles::root_path(place.folder), place.wanted);
  if (!number) return number.error();
  place.root = writer_->manifest().roots[*number].name;
  if (!place.wanted.empty() && place.root != place.wanted) {
    return Error{ErrorKind::invalid_argument,
                 "name: \"" + place.wanted + "\" was given to a folder; choose another collection"};
  }
  return {};
}

Result<AddedDocument> DocumentStore::add(NewDocument document, const CallContext& context) {
  if (!context.may_write) return may_not_write();
  auto place = place_of(document.name, context);
  if (!place) return place.error();

  std::unique_lock large(large_file_, std::defer_lock);
  std::error_code code;
  const std::uint64_t size = document.file.empty()
                                 ? document.bytes.size()
                                 : std::filesystem::file_size(document.file, code);
  if (code) return system_error(document.file, code.value());
  if (size > options_.max_bytes) {
    return Error{ErrorKind::unsupported, too_large(size, options_.max_bytes)};
  }
  if (size > kLargeFile && !large.try_lock_for(options_.wait)) return busy();
  if (!document.file.empty()) {
    auto read = read_file(document.file, options_.max_bytes);
    if (!read) return read.error();
    document.bytes = std::move(read).value();
  }
  auto parsed = parse_handed(extractor_, place->relative, document.bytes, document.media_type,
                             options_.parse, context.stop);
  if (!parsed) return parsed.error();
  AddedDocument added;
  if (!parsed->warning.empty()) added.notes.push_back(parsed->warning);
  note_members(parsed->skipped_members, added.notes);
  give_title(*parsed, document.title, added.notes);
  if (context.cancelled()) return cancelled();

  {
    const auto gate = enter(context.stop);
    if (!gate) return gate.error();
    if (Status s = make_root(*place); !s) return s.error();
  }
  added.name = place->name();
  const std::string path = files_.path(place->folder, place->relative);
  const std::uint64_t source = source_of(place->root, place->relative);
  auto received = files_.receive(source, document.bytes, path);
  if (!received) return received.error();
  document.bytes = {};
  HandedChange change(*writer_, chunk_tokens_);
  const auto totals = change.add(
      {place->root, place->relative, path, HandedFiles::mtime_of(received->path())}, *parsed);
  if (!totals) return totals.error();

  const auto gate = enter(context.stop);
  if (!gate) return gate.error();
  if (context.cancelled()) return cancelled();
  const auto before = snapshot();
  if (!before) return before.error();
  added.replaced = holds(**before, source);
  if (Status s = files_.prepare(path); !s) return s.error();
  Status committed = make_root(*place);
  if (committed) committed = writer_->commit(change.take());
  if (!committed) {
    files_.prune(path);
    return committed.error();
  }
  files_.place(std::move(*received), path);
  files_.save_about(source, {document.title, document.media_type});
  added.documents = totals->documents;
  added.chunks = totals->chunks;
  added.tokens = totals->tokens;
  added.lossy = totals->lossy;
  added.title = parsed->documents[0].title;
  added.type = parsed->documents[0].type;
  added.uri = file_uri(path, added.name);
  return added;
}

Result<DocumentStore::Doomed> DocumentStore::choose(const Snapshot& snapshot,
                                                    const std::vector<DocumentNumber>& documents) {
  const Manifest& manifest = snapshot.manifest();
  Doomed doomed;
  std::string foreign;
  std::map<std::uint64_t, std::vector<DocumentNumber>> chosen;  // by source
  for (const DocumentNumber document : documents) {
    const std::string_view name = snapshot.file_name(document);
    const auto root = root_of(manifest, name);
    if (root && HandedFiles::collection_of(manifest.roots[*root])) {
      chosen[snapshot.document(document).source].push_back(document);
    } else {
      foreign = name;
    }
  }
  std::map<std::uint64_t, std::size_t> there;
  for (DocumentNumber document = 0; document < snapshot.document_bound(); ++document) {
    if (!snapshot.alive(document)) continue;
    const std::uint64_t source = snapshot.document(document).source;
    if (chosen.contains(source)) ++there[source];
  }
  std::string part;                         // of a collection of records
  std::map<std::size_t, std::size_t> left;  // documents, by root
  for (DocumentNumber document = 0; document < snapshot.document_bound(); ++document) {
    if (!snapshot.alive(document)) continue;
    if (const auto root = root_of(manifest, snapshot.file_name(document))) ++left[*root];
  }
  for (auto& [source, records] : chosen) {
    const std::string name(snapshot.file_name(records[0]));
    if (records.size() < there[source]) {
      part = name;
      continue;
    }
    doomed.removed.names.push_back(name);
    doomed.change.replaced_sources.insert(source);
    doomed.documents.insert(doomed.documents.end(), records.begin(), records.end());
    const std::size_t root = *root_of(manifest, name);
    left[root] -= records.size();
    if (left[root] == 0) doomed.change.removed_roots.push_back(root);
  }
  std::sort(doomed.removed.names.begin(), doomed.removed.names.end());
  if (!part.empty()) {
    doomed.removed.notes.push_back("single records are not removed: remove all of \"" + part +
                                   "\", or add it again without them");
  }
  if (!foreign.empty()) {
    doomed.removed.notes.push_back("\"" + foreign +
                                   "\" is indexed from the disk and stays; only documents that "
                                   "were handed over can be removed");
  }
  if (!doomed.documents.empty()) return doomed;
  return Error{ErrorKind::invalid_argument,
               doomed.removed.notes.empty() ? "documents: nothing that was handed over is named so"
                                            : "documents: " + doomed.removed.notes.front()};
}

Result<RemovedDocuments> DocumentStore::remove_chosen(const Choice& choice,
                                                      const CallContext& context) {
  if (!context.may_write) return may_not_write();
  const auto turn = take_turn(context.stop);
  if (!turn) return turn.error();
  const auto latest = library_.index().snapshot();
  if (!latest) return latest.error();
  // What the caller cannot see is chosen by no name, nor named by an error.
  const auto seen = context.collections ? (*latest)->restricted_to(*context.collections) : *latest;
  auto chosen = choice(*seen);
  if (!chosen) return chosen.error();
  if (seen != *latest) {
    for (DocumentNumber& document : *chosen) {
      document = *(*latest)->find(seen->document(document).id);
    }
  }
  auto doomed = choose(**latest, *chosen);
  if (!doomed) return doomed.error();
  HandedRemoval originals(library_.index().directory(), options_.wait);
  if (Status s = originals.prepare(**latest, doomed->documents); !s) return s.error();
  const Status committed = writer_->commit(std::move(doomed->change));
  originals.finish(committed.ok());
  if (!committed) return committed.error();
  return std::move(doomed->removed);
}

Result<RemovedDocuments> DocumentStore::remove(const std::vector<std::string>& patterns,
                                               const CallContext& context) {
  const bool positive = std::any_of(patterns.begin(), patterns.end(),
                                    [](const auto& p) { return !p.starts_with('!'); });
  if (!positive) {
    return Error{ErrorKind::invalid_argument, "documents: name at least one that is to be removed"};
  }
  const auto choice = [&](const Snapshot& snapshot) -> Result<std::vector<DocumentNumber>> {
    auto selection = select_documents(snapshot, patterns);
    if (!selection) return selection.error();
    return std::move(selection->documents);
  };
  return remove_chosen(choice, context);
}

Result<RemovedDocuments> DocumentStore::remove_named(const std::string& name,
                                                     const CallContext& context) {
  const std::string full = full_name(name, context);
  const auto choice = [&](const Snapshot& snapshot) -> Result<std::vector<DocumentNumber>> {
    std::vector<DocumentNumber> found;
    for (DocumentNumber document = 0; document < snapshot.document_bound(); ++document) {
      if (!snapshot.alive(document)) continue;
      const std::string_view own = snapshot.name(document);
      if (own == name || own == full || snapshot.file_name(document) == full) {
        found.push_back(document);
      }
    }
    if (!found.empty()) return found;
    return Error{ErrorKind::not_found, "no document is called \"" + name.substr(0, 200) + "\""};
  };
  return remove_chosen(choice, context);
}

std::string DocumentStore::full_name(const std::string& name, const CallContext& context) const {
  const auto place = place_of(name, context);
  if (!place) return name;
  const std::string& root = place->wanted.empty() ? place->root : place->wanted;
  return root.empty() ? name : root + "/" + place->relative;
}

}  // namespace callslip
