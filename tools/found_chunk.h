// FoundChunk: a chunk as the tools return it, with where it stands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/document_id.h"
#include "index/parsed_document.h"
#include "index/result.h"
#include "index/snapshot.h"
#include "index/text/byte_span.h"

namespace callslip {

/// The pages, slides or sheets that a place is on: the first and the last.
struct PartLocation {
  PartKind kind = PartKind::page;
  std::uint32_t first = 0;  // number; 0: the document has no parts
  std::uint32_t last = 0;
  std::string first_name;  // a sheet's
  std::string last_name;
};

struct Location {
  bool extracted = false;  // of the extracted text, not of the file
  std::uint64_t line_start = 0;
  std::uint64_t line_end = 0;
  std::uint64_t byte_start = 0;
  std::uint64_t byte_end = 0;
  PartLocation part = {};
};

struct FoundChunk {
  ChunkNumber number = 0;
  std::string chunk_id;
  std::string document;
  std::string uri;
  std::string title;
  std::vector<std::string> headings;
  Location location;
  double score = 0;
  std::uint64_t tokens = 0;  // of `text`
  std::string text;
  bool truncated = false;
  std::vector<std::string> duplicates;  // chunks that say nearly the same and are left out
  TextKind kind = TextKind::prose;
};

/// Everything but text and score.
FoundChunk describe_chunk(const Snapshot& snapshot, ChunkNumber chunk);

std::string chunk_id_of(const Snapshot& snapshot, ChunkNumber chunk);
/// The same, as numbers.
ChunkId chunk_key_of(const Snapshot& snapshot, ChunkNumber chunk);

/// Where bytes of a chunk's text stand in the document.
Location locate(const Snapshot& snapshot, ChunkNumber chunk, std::string_view text, ByteSpan span);

/// "page 3", "pages 3-4", "slide 2", "sheet Budget"; empty where there are no parts.
std::string part_text(const PartLocation& part);

/// The chunk with this id. The message of an error says which chunks its document has.
Result<ChunkNumber> find_chunk(const Snapshot& snapshot, const std::string& chunk_id);

}  // namespace callslip
