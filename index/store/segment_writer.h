// SegmentWriter: builds one immutable segment in a scratch directory: catalog, texts, postings.
//
// Postings go into small Xapian databases, each written once, which finish() compacts into one
// file (MEASURED: the fastest and smallest way to build). One thread. Nothing is visible to
// readers until an IndexWriter commits the segment. The destructor removes what was not finished.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/chunk_analysis.h"
#include "index/chunker.h"
#include "index/parsed_document.h"
#include "index/result.h"
#include "index/store/catalog.h"
#include "index/store/text_store.h"

namespace callslip {

class Segment;

/// What identifies a document beside its contents.
struct DocumentIdentity {
  std::uint64_t id = 0;
  std::uint64_t source = 0;
  std::string name;
  std::string path;
  std::int64_t mtime_ns = 0;
  Language language = Language::unknown;  // where it is known already; else it is detected
};

/// A finished segment, as the manifest lists it.
struct SegmentInfo {
  std::string name;  // of its directory below segments/
  std::uint64_t documents = 0;
  std::uint64_t chunks = 0;
  std::uint64_t code_chunks = 0;  // of these, of code
  std::uint64_t terms = 0;        // the sum of the chunks' lengths
  std::uint64_t tokens = 0;
  std::uint64_t catalog_checksum = 0;
  std::uint64_t texts_bytes = 0;
  std::uint64_t postings_bytes = 0;
};

class SegmentWriter {
 public:
  /// `directory` is made; its parent exists.
  static Result<std::unique_ptr<SegmentWriter>> create(std::string directory);
  ~SegmentWriter();

  /// Adds a document with its chunks, which tile its text. After an error the segment is useless.
  Status add(const DocumentIdentity& identity, const ParsedDocument& document,
             const std::vector<Chunk>& chunks);

  /// Adds all of a segment, the dead included, behind what is here: nothing is analyzed again.
  /// `directory`: where its files are; they stay until finish().
  Status append(const Segment& segment, const std::string& directory);

  /// Documents that rank after others as good, by the reason.
  const std::map<std::string, std::uint64_t>& ranked_down() const { return ranked_down_; }

  std::uint64_t chunks() const { return catalog_.chunks.size(); }
  std::uint64_t documents() const { return catalog_.documents.size(); }

  /// Whether it is time to finish() and begin another: the tables that are held in memory grow.
  bool full() const;

  /// Writes and syncs the files; afterwards only they remain in the directory. Called again, it
  /// says the same. The directory goes with the writer, unless it was moved to its place.
  Result<SegmentInfo> finish();

  const std::string& directory() const { return directory_; }

 private:
  explicit SegmentWriter(std::string directory);

  class Postings;
  std::string directory_;
  std::unique_ptr<TextStoreWriter> texts_;
  std::unique_ptr<Postings> postings_;
  CatalogWriter catalog_;
  ChunkAnalysis analysis_;
  std::map<std::string, std::uint64_t> ranked_down_;
  std::uint64_t code_chunks_ = 0;
  std::uint64_t terms_ = 0;
  std::uint64_t tokens_ = 0;
  std::optional<SegmentInfo> finished_;
};

/// The files of a segment's directory.
inline constexpr std::string_view catalog_file = "catalog";
inline constexpr std::string_view texts_file = "texts";
inline constexpr std::string_view postings_file = "postings";

}  // namespace callslip
