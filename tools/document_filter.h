// DocumentFilter: from the argument `documents` to the documents and chunks that it names.
//
// Each entry is a name; else a folder, an absolute path or a file:// URI; else a glob. A leading
// `!` excludes. No entry: everything. Stateless; any thread.
#pragma once

#include <string>
#include <vector>

#include "index/result.h"
#include "index/search/ranker.h"
#include "index/snapshot.h"

namespace callslip {

struct DocumentSelection {
  bool everything = false;
  std::vector<DocumentNumber> documents;  // in byte order of their names
  Scope scope;                            // their chunks
  std::uint64_t tokens = 0;
};

/// An entry that matches nothing is ErrorKind::invalid_argument, with the nearest names.
Result<DocumentSelection> select_documents(const Snapshot& snapshot,
                                           const std::vector<std::string>& patterns);

}  // namespace callslip
