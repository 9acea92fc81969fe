// DocumentStore: documents that clients hand over: attachments of a chat, uploads.
//
// They become documents like others, in collections of their own: COLLECTION/folder/file.md; a name
// without a folder goes to `attachments`. The originals are kept below INDEX/documents
// (handed_files.h). A change is one commit of the index: it is there or it is not, whatever
// happens. Folders that are served or indexed by a PATH can neither be written nor removed here.
//
// Any thread; calls wait for one another where they commit, for a bounded time. What cannot be read
// as a document is refused and not kept.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "index/index_writer.h"
#include "index/result.h"
#include "plugin/documents/handed_change.h"
#include "plugin/documents/handed_files.h"
#include "tools/call_context.h"
#include "tools/library.h"

namespace callslip {

/// One to add: its bytes, or the path of a file that holds them.
struct NewDocument {
  std::string name;
  std::string bytes;
  std::string file;
  std::string title;       // empty: what the document calls itself
  std::string media_type;  // tells the kind where the name does not; may be empty
};

struct AddedDocument {
  std::string name;
  std::string uri;
  std::string title;
  std::string type;  // "markdown", ...
  bool replaced = false;
  std::uint64_t documents = 1;  // more: a collection's records
  std::uint64_t chunks = 0;
  std::uint64_t tokens = 0;
  bool lossy = false;
  std::vector<std::string> notes;
};

struct RemovedDocuments {
  std::vector<std::string> names;  // a collection of records by its own
  std::vector<std::string> notes;
};

class DocumentStore {
 public:
  struct Options {
    IndexWriter::Options writer;
    std::uint64_t max_bytes = 128ULL << 20;
    std::chrono::milliseconds wait{20'000};  // for other writers
    ParseOptions parse;
    bool settle = true;  // what a crash left, on a thread of its own
  };

  /// `library` outlives this.
  DocumentStore(Library& library, Options options);
  ~DocumentStore();

  std::uint64_t max_bytes() const { return options_.max_bytes; }

  /// Adds or replaces. Errors: invalid_argument (the name, the collection), unsupported (the reason
  /// why it cannot be read), locked, io.
  Result<AddedDocument> add(NewDocument document, const CallContext& context);

  /// Patterns as everywhere; all that match must have been handed over, unless by a glob.
  Result<RemovedDocuments> remove(const std::vector<std::string>& patterns,
                                  const CallContext& context);

  /// One, by its name as add() takes it. ErrorKind::not_found where there is none.
  Result<RemovedDocuments> remove_named(const std::string& name, const CallContext& context);

  /// What a name stands for that may be without its collection; the name where nothing is known.
  std::string full_name(const std::string& name, const CallContext& context) const;

  /// Brings files and index together after a crash, a move or the loss of the index. Returns how
  /// many documents were indexed again.
  Result<std::size_t> settle(const std::stop_token& stop);

 private:
  /// Where a name leads to.
  struct Place {
    std::string folder;  // of the collection
    std::string wanted;  // its root's name; empty: any
    std::string root;    // its root's name, once there is one
    std::string relative;

    std::string name() const { return root + "/" + relative; }
  };
  /// Held while a change is made.
  struct Gate {
    std::unique_lock<std::timed_mutex> threads;
    FileLock processes;
  };

  /// Waits for the changes of other threads, and opens the writer.
  Result<std::unique_lock<std::timed_mutex>> take_turn(const std::stop_token& stop);
  /// Waits for those of other processes too.
  Result<Gate> enter(const std::stop_token& stop);
  Result<std::shared_ptr<const Snapshot>> snapshot() const;
  Result<Place> place_of(const std::string& name, const CallContext& context) const;
  Status make_root(Place& place);
  /// What is there to remove, by the sources of the files.
  struct Doomed {
    std::vector<DocumentNumber> documents;
    IndexChange change;
    RemovedDocuments removed;
  };
  static Result<Doomed> choose(const Snapshot& snapshot,
                               const std::vector<DocumentNumber>& documents);
  using Choice = std::function<Result<std::vector<DocumentNumber>>(const Snapshot& snapshot)>;
  Result<RemovedDocuments> remove_chosen(const Choice& choice, const CallContext& context);
  Status end_changes(const std::stop_token& stop);
  Result<std::size_t> index_again(const std::vector<std::string>& originals,
                                  const std::stop_token& stop);

  Library& library_;
  const Options options_;
  const HandedFiles files_;
  Extractor extractor_;

  std::timed_mutex mutex_;
  std::unique_ptr<IndexWriter> writer_;  // guarded by mutex_, but for new_segment and tokens
  bool ended_ = false;                   // what a crash interrupted; guarded by mutex_
  std::uint32_t chunk_tokens_ = 0;       // constant once there is a writer
  std::timed_mutex large_file_;          // one at a time

  std::jthread settling_;  // last: joined first
};

}  // namespace callslip
