// ListDocuments: what there is to search: documents, or folders with counts where there are many;
// the outline where one document is asked for.
//
// Any number of threads may call list() at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/result.h"
#include "tools/call_context.h"
#include "tools/doc_search.h"
#include "tools/library.h"

namespace callslip {

struct ListDocumentsRequest {
  std::vector<std::string> documents;
  std::size_t limit = 100;
  std::size_t max_tokens = default_max_tokens;
  std::string cursor;
  std::vector<std::string> notes;
};

struct ListedDocument {
  std::string document;
  std::string uri;
  std::string title;
  std::string type;
  std::uint64_t bytes = 0;  // of the text
  std::uint64_t tokens = 0;
  std::uint64_t chunks = 0;
  std::int64_t modified = 0;  // seconds since the epoch
  bool lossy = false;
  std::string language;                  // ISO 639-1; empty: not told
  std::vector<std::string> ranked_down;  // "generated", "minified", "vendored"
};

struct ListedFolder {
  std::string folder;  // ends with '/', or with '#' for a collection
  std::uint64_t documents = 0;
  std::uint64_t tokens = 0;
};

struct OutlineEntry {
  std::string heading;
  std::uint32_t level = 1;
  std::string chunk_id;  // that it begins in
};

struct ListDocumentsResult {
  std::vector<ListedDocument> documents;
  std::vector<ListedFolder> folders;
  std::vector<OutlineEntry> outline;
  std::uint64_t matches = 0;  // documents
  std::uint64_t total_tokens = 0;
  std::string next_cursor;
  IndexInfo index;
  std::vector<std::string> notes;
  std::string text;
};

class ListDocuments {
 public:
  explicit ListDocuments(Library& library) : library_(library) {}

  Result<ListDocumentsResult> list(const ListDocumentsRequest& request,
                                   const CallContext& context) const;

 private:
  Library& library_;
};

}  // namespace callslip
