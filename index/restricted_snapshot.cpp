// Snapshot::restricted_to: documents of other collections are dead, as if they had been removed,
// so that whatever looks at a snapshot sees nothing of them.
#include <algorithm>

#include "index/hash.h"
#include "index/snapshot.h"

namespace callslip {
namespace {

std::string_view first_part(std::string_view name) { return name.substr(0, name.find('/')); }

/// Never 0, which stands for all collections.
std::uint64_t visibility_of(const std::vector<std::string>& collections) {
  std::string text = "collections";
  for (const std::string& collection : collections) text.append(1, '\0').append(collection);
  return std::max<std::uint64_t>(1, hash64(text));
}

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t both[] = {a, b};
  return hash64({reinterpret_cast<const char*>(both), sizeof both});
}

/// Revisions stand in cursors, which are paid for: 40 bits tell them apart.
std::uint64_t as_revision(std::uint64_t hash) { return hash >> 24U; }

}  // namespace

std::shared_ptr<const Snapshot> Snapshot::restricted_to(
    std::vector<std::string> collections) const {
  std::sort(collections.begin(), collections.end());
  collections.erase(std::unique(collections.begin(), collections.end()), collections.end());
  const auto visible = [&](std::string_view collection) {
    return std::binary_search(collections.begin(), collections.end(), collection);
  };
  std::shared_ptr<Snapshot> restricted(new Snapshot);
  restricted->visibility_ = visibility_of(collections);
  restricted->manifest_ = manifest_;
  restricted->manifest_.segments
      .clear();  // views are not beside them: hidden segments are left out
  std::erase_if(restricted->manifest_.roots,
                [&](const RootRecord& root) { return !visible(first_part(root.name)); });
  restricted->cache_ = cache_;
  std::uint64_t revision = restricted->visibility_;
  std::uint64_t terms = 0;
  for (std::size_t i = 0; i < views_.size(); ++i) {
    const SegmentView& view = views_[i];
    const std::size_t documents = view.segment->catalog().documents().size();
    std::vector<bool> hidden(documents);
    std::uint64_t seen = 0;  // a hash of which documents can be seen; 0: none
    for (std::size_t d = 0; d < documents; ++d) {
      const auto document = view.first_document + static_cast<DocumentNumber>(d);
      const bool alive = view.dead_documents.empty() || !view.dead_documents[d];
      hidden[d] = alive && !visible(collection(document));
      if (alive && !hidden[d]) seen = mixed(seen, d + 1);
    }
    if (seen == 0) continue;
    revision = mixed(mixed(revision, hash64(manifest_.segments[i].info.name)), seen);
    terms += restricted->add_visible(view, hidden);
  }
  restricted->manifest_.revision = as_revision(revision);
  if (restricted->live_chunks_ > 0) {
    restricted->average_length_ =
        static_cast<double>(terms) / static_cast<double>(restricted->live_chunks_);
  }
  return restricted;
}

std::uint64_t Snapshot::add_visible(SegmentView view, const std::vector<bool>& hidden) {
  const Catalog& catalog = view.segment->catalog();
  if (std::find(hidden.begin(), hidden.end(), true) != hidden.end()) {
    // Lists without the hidden chunks are other lists.
    view.key = mixed(view.key, visibility_);
    view.dead_documents.resize(catalog.documents().size());
    view.dead_chunks.resize(catalog.chunks().size());
  }
  std::uint64_t terms = 0;
  for (std::size_t d = 0; d < catalog.documents().size(); ++d) {
    const DocumentRow& row = catalog.documents()[d];
    const bool dead = hidden[d] || (!view.dead_documents.empty() && view.dead_documents[d]);
    if (hidden[d]) view.dead_documents[d] = true;
    for (std::uint32_t c = row.first_chunk; c < row.first_chunk + row.chunks; ++c) {
      if (hidden[d]) view.dead_chunks[c] = true;
      if (!dead) terms += catalog.lengths()[c];
    }
    if (dead) continue;
    languages_.insert(language_from_number(row.language));
    if ((row.flags & DocumentRow::kCode) != 0) languages_.insert(Language::none);
    ++live_documents_;
    live_chunks_ += row.chunks;
    if ((row.flags & DocumentRow::kCode) != 0) live_code_chunks_ += row.chunks;
    live_tokens_ += row.tokens;
  }
  view.first_chunk = chunk_bound_;
  view.first_document = document_bound_;
  add_living(view);
  chunk_bound_ += static_cast<ChunkNumber>(catalog.chunks().size());
  document_bound_ += static_cast<DocumentNumber>(catalog.documents().size());
  views_.push_back(std::move(view));
  return terms;
}

}  // namespace callslip
