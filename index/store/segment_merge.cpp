#include "index/store/segment_merge.h"

#include <array>

#include "index/document_id.h"

namespace callslip {
namespace {

constexpr std::size_t kTierSize = 8;
constexpr std::uint64_t kSmallestTier = 1000;  // chunks

std::size_t tier_of(std::uint64_t chunks) {
  std::size_t tier = 0;
  for (std::uint64_t size = kSmallestTier; chunks > size; size *= kTierSize) ++tier;
  return tier;
}

/// The parsed document again, as a parser made it.
Result<ParsedDocument> restore(const Segment& segment, const DocumentRow& row) {
  const Catalog& catalog = segment.catalog();
  ParsedDocument document;
  auto text = segment.texts().read(row.text_start, row.text_bytes);
  if (!text) return text.error();
  document.text = std::move(text).value();
  document.title = catalog.string(row.title);
  document.type = catalog.string(row.type);
  document.kind = (row.flags & DocumentRow::kCode) != 0 ? TextKind::code : TextKind::prose;
  document.extracted = (row.flags & DocumentRow::kExtracted) != 0;
  document.lossy = (row.flags & DocumentRow::kLossy) != 0;
  if ((row.flags & DocumentRow::kRecord) != 0) {
    document.record_id = record_part(catalog.string(row.name), catalog.string(row.path));
  }
  if (row.member_bytes > 0) {
    const std::string_view path = catalog.string(row.path);
    document.member = path.substr(path.size() - row.member_bytes + 1);
  }
  for (const HeadingRow& heading : catalog.headings().subspan(row.first_heading, row.headings)) {
    document.headings.push_back({heading.byte_start, static_cast<int>(heading.level),
                                 std::string(catalog.string(heading.text))});
  }
  for (const PartRow& part : catalog.parts().subspan(row.first_part, row.parts)) {
    document.parts.push_back({part.byte_start, static_cast<PartKind>(part.kind), part.number,
                              std::string(catalog.string(part.name))});
  }
  return document;
}

}  // namespace

std::vector<std::size_t> segments_to_merge(const Manifest& manifest) {
  std::array<std::vector<std::size_t>, 32> tiers;
  for (std::size_t i = 0; i < manifest.segments.size(); ++i) {
    const SegmentRecord& segment = manifest.segments[i];
    std::uint64_t dead = 0;
    for (const auto& [first, last] : segment.dead) dead += last - first;
    if (dead * 2 > segment.info.documents) return {i};
    auto& tier = tiers[tier_of(segment.info.chunks)];
    tier.push_back(i);
    if (tier.size() == kTierSize) return tier;
  }
  return {};
}

Status copy_document(const Segment& segment, const DocumentRow& row,
                     const DocumentIdentity& identity, SegmentWriter& to) {
  const auto document = restore(segment, row);
  if (!document) return document.error();
  std::vector<Chunk> chunks;
  for (const ChunkRow& chunk : segment.catalog().chunks().subspan(row.first_chunk, row.chunks)) {
    const std::ptrdiff_t heading =
        chunk.heading == no_heading
            ? -1
            : static_cast<std::ptrdiff_t>(chunk.heading - row.first_heading);
    chunks.push_back({chunk.byte_start, chunk.byte_start + chunk.bytes, chunk.line_start,
                      chunk.line_end, chunk.tokens, heading});
  }
  return to.add(identity, *document, chunks);
}

Status copy_living(const SegmentView& from, SegmentWriter& to) {
  const Catalog& catalog = from.segment->catalog();
  for (std::size_t d = 0; d < catalog.documents().size(); ++d) {
    if (!from.dead_documents.empty() && from.dead_documents[d]) continue;
    const DocumentRow& row = catalog.documents()[d];
    DocumentIdentity identity;
    identity.id = row.id;
    identity.source = row.source;
    identity.name = catalog.string(row.name);
    identity.path = catalog.string(row.path);
    identity.mtime_ns = row.mtime_ns;
    identity.language = language_from_number(row.language);
    if (Status s = copy_document(*from.segment, row, identity, to); !s) return s;
  }
  return {};
}

}  // namespace callslip
