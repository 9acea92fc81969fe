// Snapshot: an index at one revision. Immutable: whoever holds it sees no later commit.
//
// Any thread may call. Chunks and documents have numbers that hold within a snapshot; across
// revisions a document is known by its id and a chunk by the document's id and its ordinal.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/result.h"
#include "index/search/posting_cache.h"
#include "index/store/manifest.h"
#include "index/store/segment.h"

namespace callslip {

using ChunkNumber = std::uint32_t;
using DocumentNumber = std::uint32_t;

/// Chunks [first, last).
struct ChunkRange {
  ChunkNumber first = 0;
  ChunkNumber last = 0;
};

/// Chunks in ascending, disjoint ranges.
using Scope = std::vector<ChunkRange>;

/// A segment as one revision sees it.
struct SegmentView {
  std::shared_ptr<const Segment> segment;
  std::uint64_t key = 0;  // of (segment, dead): for the cache
  DeadChunks dead_chunks;
  std::vector<bool> dead_documents;  // empty: none
  ChunkNumber first_chunk = 0;       // of the segment's chunks in the snapshot
  DocumentNumber first_document = 0;
};

class Snapshot {
 public:
  /// Takes over the open segments of `previous` (may be null) that are still in use.
  static Result<std::shared_ptr<const Snapshot>> open(const std::string& directory,
                                                      const Manifest& manifest,
                                                      const Snapshot* previous,
                                                      std::shared_ptr<PostingCache> cache);

  /// The same revision where nothing but these collections (the first parts of documents' names)
  /// was ever indexed: what else there is cannot be found, counted or told from its effects
  /// on scores. Looks at each document once; the segments and the cache are shared.
  std::shared_ptr<const Snapshot> restricted_to(std::vector<std::string> collections) const;

  /// Without an index on the disk yet.
  static std::shared_ptr<const Snapshot> empty();

  /// Of a restricted snapshot: without segments and without the roots of other collections.
  const Manifest& manifest() const { return manifest_; }
  /// A number that changes with what can be seen.
  std::string revision() const { return std::to_string(manifest_.revision); }
  /// Tells apart snapshots by the collections that can be seen in them; 0: all.
  std::uint64_t visibility() const { return visibility_; }
  std::span<const SegmentView> segments() const { return views_; }

  std::uint64_t document_count() const { return live_documents_; }
  std::uint64_t chunk_count() const { return live_chunks_; }
  std::uint64_t token_count() const { return live_tokens_; }
  /// Of its chunks, how many are of code: 0 to 1.
  double code_share() const;
  double average_length() const { return average_length_; }  // of a chunk, in terms
  /// In which the words of its documents were stemmed: for query_terms.
  LanguageSet languages() const { return languages_; }

  /// All chunks of living documents.
  const Scope& living() const { return living_; }

  /// One past the largest number, the dead included.
  ChunkNumber chunk_bound() const { return chunk_bound_; }
  DocumentNumber document_bound() const { return document_bound_; }

  bool alive(DocumentNumber document) const;
  const DocumentRow& document(DocumentNumber document) const;
  const ChunkRow& chunk(ChunkNumber chunk) const;
  DocumentNumber document_of(ChunkNumber chunk) const;
  ChunkRange chunks_of(DocumentNumber document) const;
  /// The document's string, for its name, title, path or type.
  std::string_view string(DocumentNumber document, StringRef ref) const;
  std::string_view name(DocumentNumber document) const;
  /// What its file is called: of a record, its collection's name; of a member, its archive's.
  std::string_view file_name(DocumentNumber document) const;
  std::string_view file_path(DocumentNumber document) const;
  /// Its name; of a record, its collection's, which may be a member of an archive.
  std::string_view member_name(DocumentNumber document) const;
  /// The first part of its name, which is what a collection is called.
  std::string_view collection(DocumentNumber document) const;
  std::vector<std::string> heading_path(ChunkNumber chunk) const;
  std::span<const HeadingRow> headings(DocumentNumber document) const;
  /// Its pages, slides or sheets, by byte_start; most documents have none.
  std::span<const PartRow> parts(DocumentNumber document) const;

  /// The living document with this id.
  std::optional<DocumentNumber> find(std::uint64_t document_id) const;

  /// Living documents, in byte order of their names.
  const std::vector<DocumentNumber>& documents_by_name() const;

  /// A chunk's bytes, verbatim.
  Result<std::string> chunk_text(ChunkNumber chunk) const;
  /// Bytes of a document's text.
  Result<std::string> text(DocumentNumber document, std::uint64_t start,
                           std::uint64_t length) const;

  /// A term's postings in one segment, through the cache.
  Result<std::shared_ptr<const PostingList>> postings(const SegmentView& view,
                                                      const std::string& term) const;

 private:
  Snapshot() = default;
  /// Adds the chunks of a view that live.
  void add_living(const SegmentView& view);
  /// Adds what is not hidden of a segment; returns the length of that in terms.
  std::uint64_t add_visible(SegmentView view, const std::vector<bool>& hidden);
  const SegmentView& view_of_document(DocumentNumber document) const;
  const SegmentView& view_of_chunk(ChunkNumber chunk) const;

  Manifest manifest_;
  std::uint64_t visibility_ = 0;
  std::vector<SegmentView> views_;
  std::shared_ptr<PostingCache> cache_;
  std::uint64_t live_documents_ = 0;
  std::uint64_t live_chunks_ = 0;
  std::uint64_t live_code_chunks_ = 0;
  std::uint64_t live_tokens_ = 0;
  double average_length_ = 0;
  LanguageSet languages_;
  ChunkNumber chunk_bound_ = 0;
  DocumentNumber document_bound_ = 0;
  Scope living_;

  // Made when first asked for.
  mutable std::once_flag by_name_once_;
  mutable std::vector<DocumentNumber> by_name_;
  mutable std::once_flag by_id_once_;
  mutable std::vector<std::pair<std::uint64_t, DocumentNumber>> by_id_;
};

}  // namespace callslip
