#include "tools/connector.h"

#include <algorithm>
#include <set>

#include "index/document_id.h"
#include "tools/document_uri.h"
#include "tools/found_chunk.h"
#include "tools/text_block.h"

namespace callslip {
namespace {

constexpr std::size_t kHits = 20;
constexpr std::size_t kChunksLookedAt = 80;  // several may lie in one part

std::string heading_of(const Snapshot& snapshot, ChunkNumber chunk) {
  std::string out;
  for (const std::string& heading : snapshot.heading_path(chunk)) {
    out += (out.empty() ? "" : " > ") + heading;
  }
  return out;
}

std::string title_of(const Snapshot& snapshot, DocumentNumber document) {
  const std::string name = on_its_line(snapshot.name(document));
  const std::string title =
      on_its_line(snapshot.string(document, snapshot.document(document).title));
  return title.empty() ? name : title + " (" + name + ")";
}

std::string lines_of(const Snapshot& snapshot, ChunkNumber first, ChunkNumber last) {
  return std::to_string(snapshot.chunk(first).line_start) + "-" +
         std::to_string(snapshot.chunk(last - 1).line_end);
}

/// The document, and the chunk where the id names one.
Result<std::pair<DocumentNumber, std::size_t>> resolve(const Snapshot& snapshot,
                                                       const std::string& id) {
  if (const auto chunk = parse_chunk_id(id)) {
    const auto number = find_chunk(snapshot, id);
    if (!number) return Error{number.error().kind, "id: " + number.error().message};
    return std::pair(snapshot.document_of(*number), std::size_t{chunk->ordinal});
  }
  std::optional<DocumentNumber> document;
  if (const auto first = parse_chunk_id(id + ":0")) document = snapshot.find(first->document);
  if (!document) document = find_document(snapshot, id);
  if (!document) {
    if (const auto target = resolve_uri(snapshot, id)) document = target->document;
  }
  if (!document) {
    return Error{ErrorKind::invalid_argument, "id: \"" + id.substr(0, 200) +
                                                  "\" names no document; take it from a result of "
                                                  "search"};
  }
  return std::pair(*document, std::size_t{0});
}

}  // namespace

std::vector<Connector::Part> Connector::parts_of(const Snapshot& snapshot,
                                                 DocumentNumber document) const {
  // Room is left for the JSON around a text, and for the line ends that it escapes.
  const std::size_t room = max_tokens_ * 3 / 5;
  const ChunkRange chunks = snapshot.chunks_of(document);
  std::vector<Part> parts;
  std::size_t used = 0;
  for (ChunkNumber chunk = chunks.first; chunk < chunks.last; ++chunk) {
    const std::size_t tokens = snapshot.chunk(chunk).tokens;
    if (parts.empty() || used + tokens > room) {
      parts.push_back({chunk, chunk});
      used = 0;
    }
    parts.back().last = chunk + 1;
    used += tokens;
  }
  return parts;
}

Result<std::vector<ConnectorHit>> Connector::search(const std::string& query,
                                                    const CallContext& context) const {
  DocSearchRequest request;
  request.query = query;
  request.detail = DocSearchRequest::Detail::ids;
  request.whole = false;
  request.limit = kChunksLookedAt;
  request.limit_given = true;
  request.max_tokens = default_max_result_tokens;  // of ids, which are not sent
  const auto found = search_.search(request, context);
  if (!found) return found.error();
  const auto view = library_.view(context);
  if (!view) return view.error();
  const Snapshot& snapshot = *view->snapshot;
  std::vector<ConnectorHit> hits;
  std::set<std::string> seen;
  for (const FoundChunk& chunk : found->chunks) {
    const auto number = find_chunk(snapshot, chunk.chunk_id);
    if (!number) continue;  // removed since
    const DocumentNumber document = snapshot.document_of(*number);
    const auto parts = parts_of(snapshot, document);
    ConnectorHit hit;
    hit.url = document_uri(snapshot, document);
    hit.title = title_of(snapshot, document);
    if (parts.size() <= 1) {
      hit.id = document_id_text(snapshot.document(document).id);
    } else {
      const auto part =
          std::find_if(parts.begin(), parts.end(), [&](const Part& p) { return *number < p.last; });
      hit.id = chunk_id_of(snapshot, part->first);
      const std::string heading = on_its_line(heading_of(snapshot, *number));
      if (!heading.empty()) hit.title += ": " + heading;
      hit.title += ", lines " + lines_of(snapshot, part->first, part->last);
    }
    if (!seen.insert(hit.id).second) continue;
    hits.push_back(std::move(hit));
    if (hits.size() == kHits) break;
  }
  return hits;
}

Result<ConnectorDocument> Connector::fetch(const std::string& id,
                                           const CallContext& context) const {
  const auto view = library_.view(context);
  if (!view) return view.error();
  const Snapshot& snapshot = *view->snapshot;
  const auto wanted = resolve(snapshot, id);
  if (!wanted) return wanted.error();
  const auto [number, ordinal] = *wanted;
  const DocumentRow& row = snapshot.document(number);
  ConnectorDocument document;
  document.id = id;
  document.title = title_of(snapshot, number);
  document.url = document_uri(snapshot, number);
  const auto note = [&](const char* key, std::string value) {
    document.metadata.emplace_back(key, std::move(value));
  };
  note("document", std::string(snapshot.name(number)));
  note("type", std::string(snapshot.string(number, row.type)));
  const auto parts = parts_of(snapshot, number);
  if (parts.empty()) return document;
  const ChunkNumber chunk = snapshot.chunks_of(number).first + static_cast<ChunkNumber>(ordinal);
  const auto part =
      std::find_if(parts.begin(), parts.end(), [&](const Part& p) { return chunk < p.last; });
  const std::uint64_t start = snapshot.chunk(part->first).byte_start;
  const ChunkRow& last = snapshot.chunk(part->last - 1);
  auto text = snapshot.text(number, start, last.byte_start + last.bytes - start);
  if (!text) return text.error();
  document.text = std::move(text).value();
  if (parts.size() == 1) return document;

  const auto position = static_cast<std::size_t>(part - parts.begin());
  const std::string which = std::to_string(position + 1) + " of " + std::to_string(parts.size());
  std::string line = "\n\n[Part " + which + ", lines " +
                     lines_of(snapshot, part->first, part->last) + "; the document has " +
                     quantity(row.tokens, "token");
  note("part", which);
  note("lines", lines_of(snapshot, part->first, part->last));
  if (position > 0) {
    const std::string before = chunk_id_of(snapshot, parts[position - 1].first);
    note("previous_id", before);
    line += "; the part before: fetch \"" + before + "\"";
  }
  if (position + 1 < parts.size()) {
    const std::string next = chunk_id_of(snapshot, parts[position + 1].first);
    note("next_id", next);
    line += "; the next part: fetch \"" + next + "\"";
  }
  document.text += line + "]";
  document.title += ", part " + which;
  return document;
}

}  // namespace callslip
