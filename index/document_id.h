// Document and chunk ids, as users and models see them: "4f2akq81v0z" and "4f2akq81v0z:9".
//
// A document's id is a hash of its name: the same in every revision, 55 bits in base 32 (a pair of
// a million documents collides with a chance of 1 in 70,000).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callslip {

std::uint64_t document_id(std::string_view name);

/// The part of a record's name behind the '#' that follows its collection's. `path` is the
/// collection's: folders, too, may have a '#' in their names.
std::string_view record_part(std::string_view name, std::string_view path);

std::string document_id_text(std::uint64_t id);

struct ChunkId {
  std::uint64_t document = 0;
  std::uint32_t ordinal = 0;  // of the chunk in its document, from 0
  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14
  friend auto operator<=>(const ChunkId&, const ChunkId&) = default;
};

std::string chunk_id_text(ChunkId id);

/// Nothing when it is not of that form.
std::optional<ChunkId> parse_chunk_id(std::string_view text);

}  // namespace callslip
