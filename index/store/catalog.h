// Catalog: the documents, chunks, headings and parts of a segment, as flat tables in one file.
//
// CatalogWriter: one thread; holds the tables in memory until finish(). Catalog: immutable,
// memory-mapped after its checksum was verified; any thread may read.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/language/language.h"
#include "index/result.h"

namespace callslip {

/// A string of the catalog.
struct StringRef {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

inline constexpr std::uint32_t no_heading = 0xFFFFFFFF;

/// Fixed-size rows: the file's own layout. Fields are in host byte order; the header tells.
struct DocumentRow {
  std::uint64_t id = 0;          // of the name; unique in an index
  std::uint64_t source = 0;      // hash of the file's path: a collection's documents share it
  std::uint64_t text_start = 0;  // in the segment's text store
  std::uint64_t text_bytes = 0;
  std::uint64_t tokens = 0;
  std::int64_t mtime_ns = 0;
  StringRef name;
  StringRef path;
  StringRef title;
  StringRef type;
  std::uint32_t first_chunk = 0;
  std::uint32_t chunks = 0;
  std::uint32_t first_heading = 0;
  std::uint32_t headings = 0;
  std::uint32_t flags = 0;  // kExtracted...; CodeOrigin's too
  /// Of a member of an archive: how much of `path`, and of `name` before a record's '#', is its
  /// path in there, with the slash before it. What is left is the file.
  std::uint32_t member_bytes = 0;
  std::uint32_t first_part = 0;
  std::uint32_t parts = 0;
  std::uint32_t language = 0;  // a Language
  std::uint32_t reserved = 0;

  static constexpr std::uint32_t kExtracted = 1;
  static constexpr std::uint32_t kLossy = 2;
  static constexpr std::uint32_t kCode = 4;
  static constexpr std::uint32_t kRecord = 8;  // of a collection
};

struct ChunkRow {
  std::uint64_t byte_start = 0;  // in the document's text
  std::uint32_t bytes = 0;
  std::uint32_t tokens = 0;
  std::uint32_t line_start = 0;  // 1-based
  std::uint32_t line_end = 0;    // of the last byte
  std::uint32_t heading = no_heading;
  std::uint32_t document = 0;
};

struct HeadingRow {
  std::uint64_t byte_start = 0;  // in the document's text
  StringRef text;
  std::uint32_t parent = no_heading;
  std::uint32_t level = 1;
};

/// Chunks [first, last) that rank after others as good: of generated or vendored documents.
struct RankedDown {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// A page, slide or sheet; it goes to the next, or the end of the text.
struct PartRow {
  std::uint64_t byte_start = 0;  // in the document's text
  StringRef name;                // a sheet's
  std::uint32_t kind = 0;        // PartKind
  std::uint32_t number = 1;
};

class Catalog;

class CatalogWriter {
 public:
  std::vector<DocumentRow> documents;
  std::vector<ChunkRow> chunks;
  std::vector<HeadingRow> headings;
  std::vector<PartRow> parts;
  std::vector<std::uint32_t> lengths;   // of each chunk, in terms: a column of its own for BM25
  std::vector<RankedDown> ranked_down;  // ascending
  LanguageSet languages;                // in which words were stemmed

  /// Repeats of recent strings are stored once.
  StringRef add_string(std::string_view text);

  /// All rows of another catalog behind its own; their texts begin at `text_start`.
  void append(const Catalog& other, std::uint64_t text_start);

  /// Writes the file; its checksum is returned for the manifest. Does not fsync.
  Result<std::uint64_t> finish(const std::string& path) const;

  std::size_t memory_bytes() const;

 private:
  std::string strings_;
  std::unordered_map<std::uint64_t, StringRef> recent_;
};

class Catalog {
 public:
  static Result<std::unique_ptr<Catalog>> open(const std::string& path, std::uint64_t checksum);
  ~Catalog();
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  std::span<const DocumentRow> documents() const { return documents_; }
  std::span<const ChunkRow> chunks() const { return chunks_; }
  std::span<const HeadingRow> headings() const { return headings_; }
  std::span<const PartRow> parts() const { return parts_; }
  std::span<const std::uint32_t> lengths() const { return lengths_; }
  std::span<const RankedDown> ranked_down() const { return ranked_down_; }
  LanguageSet languages() const { return languages_; }
  std::string_view string(StringRef ref) const;
  std::string_view strings() const { return strings_; }

  /// From the outermost heading inwards.
  std::vector<std::string> heading_path(std::uint32_t heading) const;

 private:
  Catalog() = default;

  void* mapping_ = nullptr;
  std::size_t mapped_bytes_ = 0;
  std::span<const DocumentRow> documents_;
  std::span<const ChunkRow> chunks_;
  std::span<const HeadingRow> headings_;
  std::span<const PartRow> parts_;
  std::span<const std::uint32_t> lengths_;
  std::span<const RankedDown> ranked_down_;
  LanguageSet languages_;
  std::string_view strings_;
};

}  // namespace callslip
