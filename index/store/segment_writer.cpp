#include "index/store/segment_writer.h"

#include <xapian.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "index/code/code_origin.h"
#include "index/files/atomic_file.h"
#include "index/files/file_descriptor.h"
#include "index/hash.h"
#include "index/store/segment.h"

namespace callslip {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatchChunks = 4000;  // one small database each
// Xapian gathers postings in a tree for each term: small ones are fast. On 42 MB of C, CPU seconds:
// 6.6 with 20,000, 8.2 with 100,000, 10.4 with 400,000.
constexpr std::size_t kFlushPostings = 20'000;
constexpr std::size_t kMaxOpenBatches = 48;  // four files each, below any limit of descriptors
constexpr std::size_t kMaxCatalogBytes = 96U << 20;

}  // namespace

/// The postings while they are built. Xapian's errors become Errors here.
class SegmentWriter::Postings {
 public:
  explicit Postings(std::string directory) : directory_(std::move(directory)) {}

  Status add_chunk(const std::vector<Analyzer::Count>& counts) {
    return guarded([&] {
      if (!batch_) open_batch();
      Xapian::Document document;
      for (const auto& count : counts) {
        document.add_term(std::string(count.term), count.frequency);
      }
      batch_->add_document(document);
      unflushed_ += counts.size();
      if (++in_batch_ < kBatchChunks) {
        if (unflushed_ >= kFlushPostings) flush();
        return;
      }
      close_batch();
      if (batches_.size() >= kMaxOpenBatches) fold();
    });
  }

  /// Takes another segment's postings as a batch: its chunks are numbered behind those here.
  Status append(const std::string& path) {
    return guarded([&] {
      if (batch_) close_batch();
      batches_.push_back({path, false});
      if (batches_.size() >= kMaxOpenBatches) fold();
    });
  }

  /// Compacts all batches into one file.
  Status finish(const std::string& path) {
    return guarded([&] {
      if (!batch_ && batches_.empty()) open_batch();
      if (batch_) close_batch();
      compact(path, Xapian::DBCOMPACT_SINGLE_FILE);
    });
  }

 private:
  template <class F>
  static Status guarded(F&& work) {
    try {
      work();
      return {};
    } catch (const Xapian::Error& e) {
      // Xapian keeps the operating system's word in its error string.
      const char* system = e.get_error_string();
      const std::string full = std::generic_category().message(ENOSPC);
      if (e.get_msg().find(full) != std::string::npos || (system != nullptr && system == full)) {
        return Error{ErrorKind::io, "writing postings: " + describe_errno(ENOSPC)};
      }
      const std::string reason = system == nullptr ? "" : std::string(" (") + system + ")";
      return Error{ErrorKind::io, "writing postings: " + e.get_msg() + reason};
    } catch (const std::bad_alloc&) {
      return Error{ErrorKind::io, "writing postings: out of memory"};
    }
  }

  struct Batch {
    std::string path;
    bool own = true;
  };

  std::string next_path() { return directory_ + "/batch-" + std::to_string(next_++); }

  void open_batch() {
    batches_.push_back({next_path()});
    // No sync, no journal: until it is committed, nobody would miss it.
    batch_ = std::make_unique<Xapian::WritableDatabase>(
        batches_.back().path, Xapian::DB_CREATE_OR_OVERWRITE | Xapian::DB_NO_SYNC |
                                  Xapian::DB_DANGEROUS | Xapian::DB_NO_TERMLIST |
                                  Xapian::DB_BACKEND_GLASS);
    in_batch_ = 0;
  }

  void flush() {
    batch_->commit();
    unflushed_ = 0;
  }

  void close_batch() {
    flush();
    batch_->close();
    batch_.reset();
  }

  void fold() {
    const std::string path = next_path();
    compact(path, 0);
    batches_ = {{path}};
  }

  void compact(const std::string& path, unsigned flags) {
    Xapian::Database all;
    for (const Batch& batch : batches_) all.add_database(Xapian::Database(batch.path));
    all.compact(path, flags | Xapian::Compactor::FULL);
    all.close();
    std::error_code ignored;
    for (const Batch& batch : batches_) {
      if (batch.own) fs::remove_all(batch.path, ignored);
    }
  }

  const std::string directory_;
  std::unique_ptr<Xapian::WritableDatabase> batch_;
  std::vector<Batch> batches_;
  std::size_t in_batch_ = 0;
  std::size_t unflushed_ = 0;  // postings
  std::size_t next_ = 0;
};

SegmentWriter::SegmentWriter(std::string directory)
    : directory_(std::move(directory)), postings_(std::make_unique<Postings>(directory_)) {}

SegmentWriter::~SegmentWriter() {
  postings_.reset();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::create(std::string directory) {
  std::error_code code;
  fs::create_directories(directory, code);
  if (code) return system_error(directory, code.value());
  std::unique_ptr<SegmentWriter> writer(new SegmentWriter(std::move(directory)));
  auto texts = TextStoreWriter::create(writer->directory_ + "/" + std::string(texts_file));
  if (!texts) return texts.error();
  writer->texts_ = std::move(texts).value();
  return writer;
}

Status SegmentWriter::add(const DocumentIdentity& identity, const ParsedDocument& document,
                          const std::vector<Chunk>& chunks) {
  DocumentRow row;
  row.id = identity.id;
  row.source = identity.source;
  row.text_start = texts_->size();
  row.text_bytes = document.text.size();
  row.mtime_ns = identity.mtime_ns;
  row.name = catalog_.add_string(identity.name);
  row.path = catalog_.add_string(identity.path);
  row.title = catalog_.add_string(document.title);
  row.type = catalog_.add_string(document.type);
  row.first_chunk = static_cast<std::uint32_t>(catalog_.chunks.size());
  row.chunks = static_cast<std::uint32_t>(chunks.size());
  analysis_.begin(identity.name, document, identity.language);
  row.language = static_cast<std::uint32_t>(analysis_.language());
  catalog_.languages.insert(analysis_.languages());
  row.flags = (document.extracted ? DocumentRow::kExtracted : 0U) |
              (document.lossy ? DocumentRow::kLossy : 0U) |
              (document.kind == TextKind::code ? DocumentRow::kCode : 0U) |
              (document.record_id.empty() ? 0U : DocumentRow::kRecord) | analysis_.origin();
  for (const std::string& reason : origin_names(row.flags)) ++ranked_down_[reason];
  if ((row.flags & CodeOrigin::kAny) != 0 && row.chunks > 0) {
    catalog_.ranked_down.push_back({row.first_chunk, row.first_chunk + row.chunks});
  }
  if (!document.member.empty()) {
    row.member_bytes = static_cast<std::uint32_t>(document.member.size() + 1);
  }
  if (Status s = texts_->append(document.text); !s) return s;

  // Rows for the headings, each with its parent: the nearest one above it of a higher level.
  const auto first_heading = static_cast<std::uint32_t>(catalog_.headings.size());
  row.first_heading = first_heading;
  row.headings = static_cast<std::uint32_t>(document.headings.size());
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < document.headings.size(); ++i) {
    const Heading& heading = document.headings[i];
    while (!open.empty() && document.headings[open.back()].level >= heading.level) open.pop_back();
    HeadingRow heading_row;
    heading_row.byte_start = heading.byte_start;
    heading_row.level = static_cast<std::uint32_t>(heading.level);
    heading_row.text = catalog_.add_string(heading.text);
    if (!open.empty()) heading_row.parent = first_heading + static_cast<std::uint32_t>(open.back());
    catalog_.headings.push_back(heading_row);
    open.push_back(i);
  }

  row.first_part = static_cast<std::uint32_t>(catalog_.parts.size());
  row.parts = static_cast<std::uint32_t>(document.parts.size());
  for (const Part& part : document.parts) {
    PartRow part_row;
    part_row.byte_start = part.byte_start;
    part_row.name = catalog_.add_string(part.name);
    part_row.kind = static_cast<std::uint32_t>(part.kind);
    part_row.number = part.number;
    catalog_.parts.push_back(part_row);
  }

  for (const Chunk& chunk : chunks) {
    ChunkRow chunk_row;
    std::vector<std::string_view> above;  // headings, the innermost first
    if (chunk.heading >= 0) {
      chunk_row.heading = first_heading + static_cast<std::uint32_t>(chunk.heading);
      for (std::uint32_t at = chunk_row.heading; at != no_heading;
           at = catalog_.headings[at].parent) {
        const Heading& heading = document.headings[at - first_heading];
        // The heading that the chunk begins with is in its text.
        if (heading.byte_start != chunk.byte_start) above.push_back(heading.text);
      }
    }
    const Analyzer& terms = analysis_.analyze(chunk, above);
    if (Status s = postings_->add_chunk(terms.counts()); !s) return s;
    chunk_row.byte_start = chunk.byte_start;
    chunk_row.bytes = static_cast<std::uint32_t>(chunk.byte_end - chunk.byte_start);
    chunk_row.tokens = static_cast<std::uint32_t>(chunk.tokens);
    chunk_row.line_start = static_cast<std::uint32_t>(chunk.line_start);
    chunk_row.line_end = static_cast<std::uint32_t>(chunk.line_end);
    chunk_row.document = static_cast<std::uint32_t>(catalog_.documents.size());
    catalog_.lengths.push_back(terms.length());
    terms_ += terms.length();
    row.tokens += chunk.tokens;
    catalog_.chunks.push_back(chunk_row);
  }
  tokens_ += row.tokens;
  if (document.kind == TextKind::code) code_chunks_ += chunks.size();
  catalog_.documents.push_back(row);
  return {};
}

Status SegmentWriter::append(const Segment& segment, const std::string& directory) {
  constexpr std::uint64_t kPiece = 1U << 20;
  const std::uint64_t text_start = texts_->size();
  for (std::uint64_t at = 0; at < segment.texts().size(); at += kPiece) {
    const auto text = segment.texts().read(at, std::min(kPiece, segment.texts().size() - at));
    if (!text) return text.error();
    if (Status s = texts_->append(*text); !s) return s;
  }
  const Catalog& catalog = segment.catalog();
  catalog_.append(catalog, text_start);
  for (const std::uint32_t length : catalog.lengths()) terms_ += length;
  for (const DocumentRow& row : catalog.documents()) {
    tokens_ += row.tokens;
    if ((row.flags & DocumentRow::kCode) != 0) code_chunks_ += row.chunks;
  }
  return postings_->append(directory + "/" + std::string(postings_file));
}

bool SegmentWriter::full() const { return catalog_.memory_bytes() >= kMaxCatalogBytes; }

Result<SegmentInfo> SegmentWriter::finish() {
  if (finished_) return *finished_;
  const std::string prefix = directory_ + "/";
  if (Status s = texts_->finish(); !s) return s.error();
  const auto checksum = catalog_.finish(prefix + std::string(catalog_file));
  if (!checksum) return checksum.error();
  if (Status s = postings_->finish(prefix + std::string(postings_file)); !s) return s.error();
  SegmentInfo info;
  for (const std::string_view file : {catalog_file, texts_file, postings_file}) {
    if (Status s = sync_file(prefix + std::string(file)); !s) return s.error();
  }
  if (Status s = sync_directory(directory_); !s) return s.error();
  std::error_code code;
  info.texts_bytes = fs::file_size(prefix + std::string(texts_file), code);
  info.postings_bytes = fs::file_size(prefix + std::string(postings_file), code);
  if (code) return system_error(directory_, code.value());
  info.documents = catalog_.documents.size();
  info.chunks = catalog_.chunks.size();
  info.code_chunks = code_chunks_;
  info.terms = terms_;
  info.tokens = tokens_;
  info.catalog_checksum = *checksum;
  finished_ = info;
  return info;
}

}  // namespace callslip
