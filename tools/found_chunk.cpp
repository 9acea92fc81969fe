#include "tools/found_chunk.h"

#include <algorithm>

#include "index/document_id.h"
#include "tools/document_uri.h"

namespace callslip {

namespace {

PartLocation locate_part(const Snapshot& snapshot, DocumentNumber document,
                         std::uint64_t byte_start, std::uint64_t byte_end) {
  const auto parts = snapshot.parts(document);
  PartLocation location;
  if (parts.empty()) return location;
  const auto part_at = [&](std::uint64_t byte) -> const PartRow& {
    const auto behind =
        std::upper_bound(parts.begin(), parts.end(), byte,
                         [](std::uint64_t at, const PartRow& row) { return at < row.byte_start; });
    return behind == parts.begin() ? parts.front() : *std::prev(behind);
  };
  const PartRow& first = part_at(byte_start);
  const PartRow& last = part_at(byte_end > byte_start ? byte_end - 1 : byte_start);
  location.kind = static_cast<PartKind>(first.kind);
  location.first = first.number;
  location.last = last.number;
  location.first_name = snapshot.string(document, first.name);
  location.last_name = snapshot.string(document, last.name);
  return location;
}

}  // namespace

ChunkId chunk_key_of(const Snapshot& snapshot, ChunkNumber chunk) {
  const DocumentNumber document = snapshot.document_of(chunk);
  return {snapshot.document(document).id, chunk - snapshot.chunks_of(document).first};
}

std::string chunk_id_of(const Snapshot& snapshot, ChunkNumber chunk) {
  return chunk_id_text(chunk_key_of(snapshot, chunk));
}

FoundChunk describe_chunk(const Snapshot& snapshot, ChunkNumber number) {
  const ChunkRow& row = snapshot.chunk(number);
  const DocumentNumber document_number = snapshot.document_of(number);
  const DocumentRow& document = snapshot.document(document_number);
  FoundChunk chunk;
  chunk.number = number;
  chunk.chunk_id = chunk_id_of(snapshot, number);
  chunk.document = snapshot.name(document_number);
  chunk.uri = file_uri(snapshot.string(document_number, document.path), chunk.document);
  chunk.title = snapshot.string(document_number, document.title);
  chunk.headings = snapshot.heading_path(number);
  chunk.location = {
      (document.flags & DocumentRow::kExtracted) != 0,
      row.line_start,
      row.line_end,
      row.byte_start,
      row.byte_start + row.bytes,
      locate_part(snapshot, document_number, row.byte_start, row.byte_start + row.bytes)};
  chunk.tokens = row.tokens;
  chunk.kind = (document.flags & DocumentRow::kCode) != 0 ? TextKind::code : TextKind::prose;
  return chunk;
}

Location locate(const Snapshot& snapshot, ChunkNumber number, std::string_view text,
                ByteSpan span) {
  const ChunkRow& row = snapshot.chunk(number);
  const DocumentNumber document_number = snapshot.document_of(number);
  const DocumentRow& document = snapshot.document(document_number);
  const auto newlines = [&](std::size_t from, std::size_t to) {
    return static_cast<std::uint64_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(from),
                                                 text.begin() + static_cast<std::ptrdiff_t>(to),
                                                 '\n'));
  };
  Location location;
  location.extracted = (document.flags & DocumentRow::kExtracted) != 0;
  location.byte_start = row.byte_start + span.start;
  location.byte_end = row.byte_start + span.end;
  location.line_start = row.line_start + newlines(0, span.start);
  location.line_end =
      location.line_start + (span.end > span.start ? newlines(span.start, span.end - 1) : 0);
  location.part = locate_part(snapshot, document_number, location.byte_start, location.byte_end);
  return location;
}

std::string part_text(const PartLocation& part) {
  if (part.first == 0) return "";
  const bool one = part.first == part.last;
  if (part.kind == PartKind::sheet) {
    return (one ? "sheet " : "sheets ") + part.first_name + (one ? "" : " to " + part.last_name);
  }
  const std::string noun = part.kind == PartKind::page ? "page" : "slide";
  return noun + (one ? " " : "s ") + std::to_string(part.first) +
         (one ? "" : "-" + std::to_string(part.last));
}

Result<ChunkNumber> find_chunk(const Snapshot& snapshot, const std::string& chunk_id) {
  const auto id = parse_chunk_id(chunk_id);
  if (!id) {
    return Error{ErrorKind::invalid_argument,
                 "\"" + chunk_id + "\" is not a chunk id; take it from a result of doc_search"};
  }
  const auto document = snapshot.find(id->document);
  if (!document) {
    return Error{ErrorKind::invalid_argument,
                 "chunk " + chunk_id +
                     " does not exist: its document is not in the index any "
                     "more; search again"};
  }
  const ChunkRange chunks = snapshot.chunks_of(*document);
  const ChunkNumber count = chunks.last - chunks.first;
  if (id->ordinal >= count) {
    const std::string text = document_id_text(id->document);
    return Error{ErrorKind::invalid_argument,
                 "chunk " + chunk_id + " does not exist; document " + text +
                     (count == 0 ? " has no chunks"
                                 : " has chunks " + text + ":0 to " + text + ":" +
                                       std::to_string(count - 1))};
  }
  return chunks.first + id->ordinal;
}

}  // namespace callslip
