#include "tools/chunk_selection.h"

#include <algorithm>
#include <set>

#include "tools/document_filter.h"

namespace callslip {
namespace {

/// The chunks of an id, or of a passage's: "4f2akq81v0z:9-12".
Result<ChunkRange> chunks_named(const Snapshot& snapshot, const std::string& id) {
  const std::size_t dash = id.find('-');
  const auto first = find_chunk(snapshot, id.substr(0, dash));
  if (!first) return first.error();
  if (dash == std::string::npos) return ChunkRange{*first, *first + 1};
  const auto last = find_chunk(snapshot, id.substr(0, id.find(':') + 1) + id.substr(dash + 1));
  if (!last) return last.error();
  if (*last < *first) {
    return Error{ErrorKind::invalid_argument,
                 "\"" + id + "\" ends before it begins; take it from a result of doc_search"};
  }
  return ChunkRange{*first, *last + 1};
}

}  // namespace

Result<std::vector<RankedChunk>> chunks_by_id(const Snapshot& snapshot,
                                              const ReadChunksRequest& request) {
  std::vector<RankedChunk> chunks;
  std::set<ChunkNumber> seen;
  for (const std::string& chunk_id : request.chunk_ids) {
    const auto named = chunks_named(snapshot, chunk_id);
    if (!named) return named.error().within("chunk_ids");
    const ChunkRange document = snapshot.chunks_of(snapshot.document_of(named->first));
    const auto before = static_cast<ChunkNumber>(
        std::min<std::size_t>(request.before, named->first - document.first));
    const auto after =
        static_cast<ChunkNumber>(std::min<std::size_t>(request.after, document.last - named->last));
    for (ChunkNumber c = named->first - before; c < named->last + after; ++c) {
      if (seen.insert(c).second) chunks.push_back({c, 0});
    }
  }
  return chunks;
}

Result<Scope> scope_of(const Snapshot& snapshot, const ReadChunksRequest& request) {
  if (request.chunk_ids.empty()) {
    auto selection = select_documents(snapshot, request.documents);
    if (!selection) return selection.error();
    return std::move(selection->scope);
  }
  auto chunks = chunks_by_id(snapshot, request);
  if (!chunks) return chunks.error();
  std::sort(chunks->begin(), chunks->end(),
            [](const RankedChunk& a, const RankedChunk& b) { return a.chunk < b.chunk; });
  Scope scope;
  for (const RankedChunk& chunk : *chunks) {
    if (!scope.empty() && scope.back().last == chunk.chunk) {
      ++scope.back().last;
    } else {
      scope.push_back({chunk.chunk, chunk.chunk + 1});
    }
  }
  return scope;
}

}  // namespace callslip
