#include <iostream>
#include <optional>
#include <string_view>
#include <vector>

#include "plugin/commands/commands.h"
#include "tools/document_filter.h"
#include "tools/text_block.h"

namespace callslip {
namespace {

/// The root whose name a file's begins with; a --name may hold a slash, so the longest.
std::optional<std::size_t> root_of(const Manifest& manifest, std::string_view file_name) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < manifest.roots.size(); ++i) {
    const std::string& name = manifest.roots[i].name;
    const bool in_root = file_name.starts_with(name) &&
                         (file_name.size() == name.size() || file_name[name.size()] == '/');
    if (in_root && (!best || name.size() > manifest.roots[*best].name.size())) best = i;
  }
  return best;
}

}  // namespace

int run_remove(const Settings& settings) {
  Index index(index_directory(settings));
  const auto opened = index.snapshot();
  if (!opened) return fail(opened.error());
  const Snapshot& snapshot = **opened;
  const auto selection = select_documents(snapshot, settings.operands);
  if (!selection) return fail(selection.error());

  IndexChange change;
  const Manifest& manifest = snapshot.manifest();
  std::vector<std::uint64_t> before(manifest.roots.size());
  for (const DocumentNumber document : snapshot.documents_by_name()) {
    if (const auto root = root_of(manifest, snapshot.file_name(document))) ++before[*root];
  }
  auto left = before;
  for (const DocumentNumber document : selection->documents) {
    change.removed_documents.insert(snapshot.document(document).id);
    if (const auto root = root_of(manifest, snapshot.file_name(document))) --left[*root];
  }
  // A root of which nothing is left is forgotten; else a file that changes comes back.
  for (std::size_t i = 0; i < manifest.roots.size(); ++i) {
    if (before[i] > 0 && left[i] == 0) change.removed_roots.push_back(i);
  }
  auto writer = IndexWriter::open(index.directory(), settings.writer);
  if (!writer) return fail(writer.error());
  if (Status s = (*writer)->commit(std::move(change)); !s) return fail(s.error());
  std::cout << quantity(selection->documents.size(), "document") << " removed\n";
  return 0;
}

}  // namespace callslip
