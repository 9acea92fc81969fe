#include "tools/chunk_selection.h"

#include <algorithm>
#include <set>

#include "tools/document_filter.h"

namespace callslip {

Result<std::vector<RankedChunk>> chunks_by_id(const Snapshot& snapshot,
                                              const ReadChunksRequest& request) {
  std::vector<RankedChunk> chunks;
  std::set<ChunkNumber> seen;
  for (const std::string& chunk_id : request.chunk_ids) {
    const auto chunk = find_chunk(snapshot, chunk_id);
    if (!chunk) return chunk.error().within("chunk_ids");
    const ChunkRange document = snapshot.chunks_of(snapshot.document_of(*chunk));
    const auto before =
        static_cast<ChunkNumber>(std::min<std::size_t>(request.before, *chunk - document.first));
    const auto after =
        static_cast<ChunkNumber>(std::min<std::size_t>(request.after, document.last - 1 - *chunk));
    for (ChunkNumber c = *chunk - before; c <= *chunk + after; ++c) {
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
