// RootScan: what a walk of one root finds, beside what was known of its files.
//
// The Indexer's own: one for each root and run, in one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "index/files/file_states.h"
#include "index/files/file_walker.h"
#include "index/files/path_tree.h"
#include "index/formats/parser.h"
#include "index/indexer.h"

namespace callslip {

/// A root, and what changed in it.
struct IndexedRoot {
  std::size_t number = 0;
  std::string name;
  std::string path;  // real
  bool single_file = false;
  FileStateChanges changes;  // not yet committed

  std::string document_name(const std::string& relative) const {
    return single_file ? name : name + "/" + relative;
  }
};

/// A file that is new, changed or gone: then its path is empty.
struct FileWork {
  std::size_t root = 0;  // in the vector of roots
  FoundFile file;
  std::optional<FileState> before;
};

/// As a stat shows the file.
FileState state_of(const FoundFile& file);

/// Of a file that was indexed, but not all of it.
void tell_partial(IndexSummary& summary, const std::string& name, const FileState& state);

class RootScan final : public WalkSink {
 public:
  using OnDirectory = std::function<void(const std::string& path)>;

  /// `only`: what the walk looks at, in UTF-8 as the states are; null: everything. All outlive
  /// this.
  RootScan(const OnDirectory& on_directory, const ParseOptions& parse, const FileStates& known,
           const PathTree* only)
      : on_directory_(on_directory), parse_(parse), known_(known), only_(only) {}

  Status on_file(FoundFile file) override;
  void on_skip(SkippedPath skipped) override;
  void on_directory(const std::string& path) override;

  /// Whether nothing was found, nor skipped by name.
  bool nothing() const { return files_ == 0; }

  /// Adds it all to the work and the summary. `number`: of the root among those of the run.
  void finish(const IndexedRoot& root, std::size_t number, std::vector<FileWork>& work,
              IndexSummary& summary);

 private:
  void add_gone(std::size_t number, std::vector<FileWork>& work);
  bool hidden_from_us(const std::string& relative) const;

  const OnDirectory& on_directory_;
  const ParseOptions& parse_;
  const FileStates& known_;
  const PathTree* const only_;
  std::uint64_t files_ = 0;
  IndexSummary summary_;  // with paths below the root for names
  std::vector<FileWork> changed_;
  std::vector<const FileStates::value_type*> seen_;
  std::vector<std::string> unreadable_;  // folders: what is known below them stays
};

}  // namespace callslip
