// HandedRemoval: takes the originals of handed-over documents out of their place while a commit
// removes the documents from the index, so that a crash leaves both or neither.
//
// One change, one thread. Holds the lock of the handed-over files from prepare() to finish().
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "index/snapshot.h"
#include "plugin/documents/handed_files.h"

namespace callslip {

class HandedRemoval {
 public:
  HandedRemoval(const std::string& directory, std::chrono::milliseconds wait)
      : files_(directory), wait_(wait) {}

  /// `documents` are all that the commit will remove; those of other roots are passed over. An
  /// original goes when no document of it is left.
  Status prepare(const Snapshot& snapshot, const std::vector<DocumentNumber>& documents);
  void finish(bool committed);

 private:
  struct Aside {
    TemporaryPath file;
    std::string path;
    std::uint64_t source = 0;
  };

  const HandedFiles files_;
  const std::chrono::milliseconds wait_;
  std::optional<FileLock> lock_;
  std::vector<Aside> aside_;
};

/// The place of the original of a handed-over document, from what the index knows of it; nothing
/// for a document of a PATH.
std::optional<std::string> original_of(const HandedFiles& files, const Snapshot& snapshot,
                                       DocumentNumber document);

}  // namespace callslip
