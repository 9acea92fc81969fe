// Connector: searching and fetching as ChatGPT's connectors do it: results are ids, an id is
// fetched.
//
// A document that fits an answer is one result. A longer one is seen in parts, which tile it: a
// result is the part that holds the hit, and what is fetched names the parts before and behind it.
// Any number of threads may call at once.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "index/result.h"
#include "tools/call_context.h"
#include "tools/doc_search.h"
#include "tools/library.h"

namespace callslip {

struct ConnectorHit {
  std::string id;
  std::string title;
  std::string url;
};

struct ConnectorDocument {
  std::string id;
  std::string title;
  std::string text;  // of a part: and a last line that says how to go on
  std::string url;
  std::vector<std::pair<std::string, std::string>> metadata;
};

class Connector {
 public:
  /// `max_tokens` bounds what is fetched at once. The others outlive this.
  Connector(Library& library, Reader& reader, LibraryLanguages& languages, std::size_t max_tokens)
      : library_(library), search_(library, reader, languages), max_tokens_(max_tokens) {}

  /// The best first; none where nothing matches.
  Result<std::vector<ConnectorHit>> search(const std::string& query,
                                           const CallContext& context) const;

  /// `id`: of a result, of a chunk, or a document's name or URI.
  Result<ConnectorDocument> fetch(const std::string& id, const CallContext& context) const;

 private:
  struct Part {
    ChunkNumber first = 0;
    ChunkNumber last = 0;  // one behind
  };
  std::vector<Part> parts_of(const Snapshot& snapshot, DocumentNumber document) const;

  Library& library_;
  const DocSearch search_;
  const std::size_t max_tokens_;
};

}  // namespace callslip
