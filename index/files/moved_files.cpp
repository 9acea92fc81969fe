#include "index/files/moved_files.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "index/document_id.h"
#include "index/formats/parser.h"
#include "index/store/segment_merge.h"

namespace callslip {
namespace {

std::string_view base_name(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

std::string extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  std::string text(dot == std::string_view::npos || dot == 0 ? "" : name.substr(dot));
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

void MovedFiles::add(std::string file_name, std::uint64_t source, const FileState& state) {
  if (!state.skipped.empty() || state.content_hash == 0) return;
  by_stat_.emplace(Stat{state.inode, state.size, state.mtime_ns, state.ctime_ns}, origins_.size());
  by_hash_.emplace(state.content_hash, origins_.size());
  origins_.push_back({std::move(file_name), source, state, {}});
}

void MovedFiles::look_up(std::shared_ptr<const Snapshot> snapshot) {
  snapshot_ = std::move(snapshot);
  std::unordered_map<std::uint64_t, std::size_t> by_source;
  for (std::size_t i = 0; i < origins_.size(); ++i) by_source.emplace(origins_[i].source, i);
  for (const SegmentView& view : snapshot_->segments()) {
    const auto rows = view.segment->catalog().documents();
    for (std::size_t d = 0; d < rows.size(); ++d) {
      if (!view.dead_documents.empty() && view.dead_documents[d]) continue;
      const auto found = by_source.find(rows[d].source);
      if (found == by_source.end()) continue;
      origins_[found->second].documents.push_back({view.segment.get(), &rows[d]});
    }
  }
}

const MovedFiles::Origin* MovedFiles::same_file(const FoundFile& file,
                                                const std::string& file_name) const {
  const auto found = by_stat_.find(Stat{file.inode, file.size, file.mtime_ns, file.ctime_ns});
  if (found == by_stat_.end()) return nullptr;
  const Origin& origin = origins_[found->second];
  return same_parse(origin, file_name) ? &origin : nullptr;
}

const MovedFiles::Origin* MovedFiles::same_contents(std::uint64_t size, std::uint64_t hash,
                                                    const std::string& file_name) const {
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto at = first; at != last; ++at) {
    const Origin& origin = origins_[at->second];
    if (origin.state.size == size && same_parse(origin, file_name)) return &origin;
  }
  return nullptr;
}

/// Parsers go by names: that of a program says its language.
bool MovedFiles::same_parse(const Origin& origin, const std::string& file_name) {
  if (origin.documents.empty()) return false;  // taken out by the user, or never in
  const std::string_view before = base_name(origin.file_name);
  const std::string_view now = base_name(file_name);
  if (before == now) return true;
  const bool code = std::any_of(
      origin.documents.begin(), origin.documents.end(),
      [](const auto& document) { return (document.row->flags & DocumentRow::kCode) != 0; });
  return !code && !extension(now).empty() && extension(before) == extension(now) &&
         &parser_for(before, {}) == &parser_for(now, {});
}

Status MovedFiles::copy(const Origin& origin, const DocumentIdentity& identity, SegmentWriter& to) {
  for (const Origin::Document& document : origin.documents) {
    const std::string_view before = document.segment->catalog().string(document.row->name);
    DocumentIdentity own = identity;
    own.name.append(before.substr(std::min(before.size(), origin.file_name.size())));
    own.id = document_id(own.name);
    const std::string_view path = document.segment->catalog().string(document.row->path);
    own.path.append(
        path.substr(path.size() - std::min<std::size_t>(document.row->member_bytes, path.size())));
    own.language = language_from_number(document.row->language);
    if (Status s = copy_document(*document.segment, *document.row, own, to); !s) return s;
  }
  return {};
}

}  // namespace callslip
