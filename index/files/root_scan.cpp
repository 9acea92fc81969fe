#include "index/files/root_scan.h"

#include <algorithm>
#include <utility>

#include "index/extract/parse_attempt.h"

namespace callslip {
namespace {

const char* label(SkipKind kind) {
  switch (kind) {
    case SkipKind::hidden:
      return "hidden";
    case SkipKind::ignored:
      return "ignored";
    default:
      return "excluded";
  }
}

void append(const IndexedRoot& root, std::vector<IndexSummary::File> from,
            std::vector<IndexSummary::File>& to) {
  for (IndexSummary::File& file : from) {
    std::string name = file.name.empty() ? root.name : root.document_name(file.name);
    to.push_back({std::move(name), std::move(file.reason)});
  }
}

}  // namespace

FileState state_of(const FoundFile& file) {
  FileState state;
  state.size = file.size;
  state.mtime_ns = file.mtime_ns;
  state.ctime_ns = file.ctime_ns;
  state.inode = file.inode;
  return state;
}

void tell_partial(IndexSummary& summary, const std::string& name, const FileState& state) {
  if (!state.warning.empty()) summary.warnings.push_back({name, state.warning});
  for (const FileState::Member& member : state.skipped_members) {
    summary.skipped_members.push_back({name + "/" + member.path, member.reason});
  }
}

Status RootScan::on_file(FoundFile file) {
  ++files_;
  const auto known = known_.find(file.relative);
  if (known == known_.end()) {
    changed_.push_back({0, std::move(file), std::nullopt});
    return {};
  }
  seen_.push_back(&*known);
  const FileState& before = known->second;
  if (!before.same_stat(state_of(file)) || worth_another_attempt(before.tried, parse_)) {
    changed_.push_back({0, std::move(file), before});
    return {};
  }
  if (before.skipped.empty()) {
    ++summary_.unchanged;
  } else {
    summary_.skipped.push_back({file.relative, before.skipped});
  }
  tell_partial(summary_, file.relative, before);
  return {};
}

void RootScan::on_skip(SkippedPath skipped) {
  if (skipped.kind == SkipKind::hidden || skipped.kind == SkipKind::ignored ||
      skipped.kind == SkipKind::excluded) {
    ++summary_.passed_by[std::string(label(skipped.kind)) +
                         (skipped.directory ? " folders" : " files")];
    return;
  }
  ++files_;
  if (skipped.kind == SkipKind::unreadable) unreadable_.push_back(skipped.relative);
  summary_.skipped.push_back({std::move(skipped.relative), std::move(skipped.reason)});
}

void RootScan::on_directory(const std::string& path) {
  if (on_directory_) on_directory_(path);
}

void RootScan::finish(const IndexedRoot& root, std::size_t number, std::vector<FileWork>& work,
                      IndexSummary& summary) {
  summary.files += files_;
  summary.unchanged += summary_.unchanged;
  for (const auto& [what, count] : summary_.passed_by) summary.passed_by[what] += count;
  append(root, std::move(summary_.skipped), summary.skipped);
  append(root, std::move(summary_.warnings), summary.warnings);
  append(root, std::move(summary_.skipped_members), summary.skipped_members);
  for (FileWork& item : changed_) {
    item.root = number;
    work.push_back(std::move(item));
  }
  add_gone(number, work);
}

/// What was there and is gone, unless we may not look.
void RootScan::add_gone(std::size_t number, std::vector<FileWork>& work) {
  if (only_ == nullptr && seen_.size() == known_.size()) return;
  std::sort(seen_.begin(), seen_.end());
  for (const auto& known : known_) {
    const bool looked_at = only_ == nullptr || only_->covers(known.first);
    if (!looked_at || std::binary_search(seen_.begin(), seen_.end(), &known)) continue;
    if (hidden_from_us(known.first)) continue;
    work.push_back({number, FoundFile{"", known.first, 0, 0, 0, 0}, known.second});
  }
}

bool RootScan::hidden_from_us(const std::string& relative) const {
  return std::any_of(unreadable_.begin(), unreadable_.end(), [&](const std::string& folder) {
    return folder.empty() || relative == folder || relative.starts_with(folder + "/");
  });
}

}  // namespace callslip
