#include "plugin/documents/handed_removal.h"

#include <map>

namespace callslip {

std::optional<std::string> original_of(const HandedFiles& files, const Snapshot& snapshot,
                                       DocumentNumber document) {
  const std::string_view name = snapshot.file_name(document);
  const auto root = root_of(snapshot.manifest(), name);
  if (!root) return std::nullopt;
  const RootRecord& record = snapshot.manifest().roots[*root];
  const auto collection = HandedFiles::collection_of(record);
  if (!collection || name.size() <= record.name.size()) return std::nullopt;
  return files.path(*collection, std::string(name.substr(record.name.size() + 1)));
}

Status HandedRemoval::prepare(const Snapshot& snapshot,
                              const std::vector<DocumentNumber>& documents) {
  std::map<std::uint64_t, std::pair<std::string, std::size_t>> going;  // by source
  for (const DocumentNumber document : documents) {
    auto path = original_of(files_, snapshot, document);
    if (!path) continue;
    auto& [original, count] = going[snapshot.document(document).source];
    original = std::move(*path);
    ++count;
  }
  if (going.empty()) return {};
  std::map<std::uint64_t, std::size_t> there;
  for (DocumentNumber document = 0; document < snapshot.document_bound(); ++document) {
    if (!snapshot.alive(document)) continue;
    const std::uint64_t source = snapshot.document(document).source;
    if (going.contains(source)) ++there[source];
  }
  auto lock = files_.lock(wait_, {});
  if (!lock) return lock.error();
  lock_ = std::move(lock).value();
  for (auto& [source, file] : going) {
    if (file.second < there[source]) continue;
    auto aside = files_.set_aside(source, file.first);
    if (!aside) {
      const Error error = aside.error();
      finish(false);
      return error;
    }
    if (*aside) aside_.push_back({std::move(**aside), file.first, source});
  }
  return {};
}

void HandedRemoval::finish(bool committed) {
  for (Aside& aside : aside_) {
    if (committed) {
      files_.prune(aside.path);
      files_.save_about(aside.source, {});
    } else {
      files_.put_back(std::move(aside.file), aside.path);
    }
  }
  aside_.clear();
  lock_.reset();
}

}  // namespace callslip
