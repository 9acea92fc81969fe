#include "index/snapshot.h"

#include <algorithm>

#include "index/document_id.h"
#include "index/hash.h"

namespace callslip {
namespace {

/// The segment's key in the cache changes with its dead, which lists leave out.
std::uint64_t view_key(const SegmentRecord& record) {
  std::string key = record.info.name;
  key.append(reinterpret_cast<const char*>(record.dead.data()),
             record.dead.size() * sizeof(record.dead[0]));
  return hash64(key);
}

const SegmentView* find_view(const Snapshot* snapshot, const std::string& index_id,
                             const std::string& segment) {
  if (snapshot == nullptr || snapshot->manifest().index_id != index_id) return nullptr;
  for (std::size_t i = 0; i < snapshot->segments().size(); ++i) {
    if (snapshot->manifest().segments[i].info.name == segment) return &snapshot->segments()[i];
  }
  return nullptr;
}

}  // namespace

void Snapshot::add_living(const SegmentView& view) {
  const std::size_t chunks = view.segment->catalog().chunks().size();
  for (ChunkNumber c = 0; c < chunks; ++c) {
    if (!view.dead_chunks.empty() && view.dead_chunks[c]) continue;
    const ChunkNumber chunk = view.first_chunk + c;
    if (!living_.empty() && living_.back().last == chunk) {
      ++living_.back().last;
    } else {
      living_.push_back({chunk, chunk + 1});
    }
  }
}

std::shared_ptr<const Snapshot> Snapshot::empty() {
  return std::shared_ptr<const Snapshot>(new Snapshot);
}

Result<std::shared_ptr<const Snapshot>> Snapshot::open(const std::string& directory,
                                                       const Manifest& manifest,
                                                       const Snapshot* previous,
                                                       std::shared_ptr<PostingCache> cache) {
  std::shared_ptr<Snapshot> snapshot(new Snapshot);
  snapshot->manifest_ = manifest;
  snapshot->cache_ = std::move(cache);
  std::uint64_t terms = 0;
  for (const SegmentRecord& record : manifest.segments) {
    SegmentView view;
    view.key = view_key(record);
    view.first_chunk = snapshot->chunk_bound_;
    view.first_document = snapshot->document_bound_;
    if (const SegmentView* known = find_view(previous, manifest.index_id, record.info.name)) {
      view.segment = known->segment;
    } else {
      auto segment = Segment::open(segment_path(directory, record.info.name), record.info);
      if (!segment) return segment.error();
      view.segment = std::move(segment).value();
    }
    const Catalog& catalog = view.segment->catalog();
    snapshot->languages_.insert(catalog.languages());
    snapshot->live_documents_ += catalog.documents().size();
    snapshot->live_chunks_ += catalog.chunks().size();
    snapshot->live_code_chunks_ += record.info.code_chunks;
    terms += record.info.terms;
    snapshot->live_tokens_ += record.info.tokens;
    if (!record.dead.empty()) {
      view.dead_documents.resize(catalog.documents().size());
      view.dead_chunks.resize(catalog.chunks().size());
    }
    for (const auto& [first, last] : record.dead) {
      for (std::uint32_t d = first; d < last && d < catalog.documents().size(); ++d) {
        const DocumentRow& row = catalog.documents()[d];
        view.dead_documents[d] = true;
        --snapshot->live_documents_;
        snapshot->live_chunks_ -= row.chunks;
        if ((row.flags & DocumentRow::kCode) != 0) {
          snapshot->live_code_chunks_ -=
              std::min<std::uint64_t>(row.chunks, snapshot->live_code_chunks_);
        }
        snapshot->live_tokens_ -= row.tokens;
        for (std::uint32_t c = row.first_chunk; c < row.first_chunk + row.chunks; ++c) {
          view.dead_chunks[c] = true;
          terms -= catalog.lengths()[c];
        }
      }
    }
    snapshot->add_living(view);
    snapshot->chunk_bound_ += static_cast<ChunkNumber>(catalog.chunks().size());
    snapshot->document_bound_ += static_cast<DocumentNumber>(catalog.documents().size());
    snapshot->views_.push_back(std::move(view));
  }
  if (snapshot->live_chunks_ > 0) {
    snapshot->average_length_ =
        static_cast<double>(terms) / static_cast<double>(snapshot->live_chunks_);
  }
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

const SegmentView& Snapshot::view_of_document(DocumentNumber document) const {
  return *std::prev(std::upper_bound(
      views_.begin(), views_.end(), document,
      [](DocumentNumber d, const SegmentView& view) { return d < view.first_document; }));
}

const SegmentView& Snapshot::view_of_chunk(ChunkNumber chunk) const {
  return *std::prev(std::upper_bound(
      views_.begin(), views_.end(), chunk,
      [](ChunkNumber c, const SegmentView& view) { return c < view.first_chunk; }));
}

double Snapshot::code_share() const {
  if (live_chunks_ == 0) return 0;
  return static_cast<double>(live_code_chunks_) / static_cast<double>(live_chunks_);
}

bool Snapshot::alive(DocumentNumber document) const {
  const SegmentView& view = view_of_document(document);
  return view.dead_documents.empty() || !view.dead_documents[document - view.first_document];
}

const DocumentRow& Snapshot::document(DocumentNumber document) const {
  const SegmentView& view = view_of_document(document);
  return view.segment->catalog().documents()[document - view.first_document];
}

const ChunkRow& Snapshot::chunk(ChunkNumber chunk) const {
  const SegmentView& view = view_of_chunk(chunk);
  return view.segment->catalog().chunks()[chunk - view.first_chunk];
}

DocumentNumber Snapshot::document_of(ChunkNumber chunk) const {
  const SegmentView& view = view_of_chunk(chunk);
  return view.first_document + view.segment->catalog().chunks()[chunk - view.first_chunk].document;
}

ChunkRange Snapshot::chunks_of(DocumentNumber document) const {
  const SegmentView& view = view_of_document(document);
  const DocumentRow& row = view.segment->catalog().documents()[document - view.first_document];
  const ChunkNumber first = view.first_chunk + row.first_chunk;
  return {first, first + row.chunks};
}

std::string_view Snapshot::string(DocumentNumber document, StringRef ref) const {
  return view_of_document(document).segment->catalog().string(ref);
}

std::string_view Snapshot::name(DocumentNumber number) const {
  return string(number, document(number).name);
}

std::string_view Snapshot::file_name(DocumentNumber number) const {
  std::string_view whole = member_name(number);
  whole.remove_suffix(std::min<std::size_t>(document(number).member_bytes, whole.size()));
  return whole;
}

std::string_view Snapshot::file_path(DocumentNumber number) const {
  std::string_view path = string(number, document(number).path);
  path.remove_suffix(std::min<std::size_t>(document(number).member_bytes, path.size()));
  return path;
}

std::string_view Snapshot::member_name(DocumentNumber number) const {
  std::string_view whole = name(number);
  const DocumentRow& row = document(number);
  if ((row.flags & DocumentRow::kRecord) != 0) {
    whole.remove_suffix(record_part(whole, string(number, row.path)).size() + 1);
  }
  return whole;
}

std::vector<std::string> Snapshot::heading_path(ChunkNumber chunk) const {
  const SegmentView& view = view_of_chunk(chunk);
  const Catalog& catalog = view.segment->catalog();
  return catalog.heading_path(catalog.chunks()[chunk - view.first_chunk].heading);
}

std::span<const HeadingRow> Snapshot::headings(DocumentNumber number) const {
  const DocumentRow& row = document(number);
  return view_of_document(number).segment->catalog().headings().subspan(row.first_heading,
                                                                        row.headings);
}

std::span<const PartRow> Snapshot::parts(DocumentNumber number) const {
  const DocumentRow& row = document(number);
  return view_of_document(number).segment->catalog().parts().subspan(row.first_part, row.parts);
}

std::string_view Snapshot::collection(DocumentNumber number) const {
  const std::string_view file = file_name(number);
  return file.substr(0, file.find('/'));
}

const std::vector<DocumentNumber>& Snapshot::documents_by_name() const {
  std::call_once(by_name_once_, [this] {
    for (DocumentNumber d = 0; d < document_bound_; ++d) {
      if (alive(d)) by_name_.push_back(d);
    }
    std::sort(by_name_.begin(), by_name_.end(),
              [this](DocumentNumber a, DocumentNumber b) { return name(a) < name(b); });
  });
  return by_name_;
}

std::optional<DocumentNumber> Snapshot::find(std::uint64_t document_id) const {
  std::call_once(by_id_once_, [this] {
    for (DocumentNumber d = 0; d < document_bound_; ++d) {
      if (alive(d)) by_id_.emplace_back(document(d).id, d);
    }
    std::sort(by_id_.begin(), by_id_.end());
  });
  const auto found = std::lower_bound(by_id_.begin(), by_id_.end(),
                                      std::pair<std::uint64_t, DocumentNumber>{document_id, 0});
  if (found == by_id_.end() || found->first != document_id) return std::nullopt;
  return found->second;
}

Result<std::string> Snapshot::chunk_text(ChunkNumber number) const {
  const ChunkRow& row = chunk(number);
  return text(document_of(number), row.byte_start, row.bytes);
}

Result<std::string> Snapshot::text(DocumentNumber number, std::uint64_t start,
                                   std::uint64_t length) const {
  return view_of_document(number).segment->texts().read(document(number).text_start + start,
                                                        length);
}

Result<std::shared_ptr<const PostingList>> Snapshot::postings(const SegmentView& view,
                                                              const std::string& term) const {
  if (auto list = cache_->find(view.key, term)) return list;
  auto list = view.segment->postings(term, view.dead_chunks);
  if (list) cache_->insert(view.key, term, *list);
  return list;
}

}  // namespace callslip
