#include <iostream>
#include <unordered_map>

#include "plugin/commands.h"
#include "tools/document_filter.h"

namespace callslip {

int run_remove(const Settings& settings) {
  Index index(index_directory(settings));
  const auto opened = index.snapshot();
  if (!opened) return fail(opened.error());
  const Snapshot& snapshot = **opened;
  const auto selection = select_documents(snapshot, settings.operands);
  if (!selection) return fail(selection.error());

  IndexChange change;
  std::unordered_map<std::string_view, std::uint64_t> left;  // living documents by root
  const auto root_of = [](std::string_view name) {
    return name.substr(0, name.find_first_of("/#"));
  };
  for (const DocumentNumber document : snapshot.documents_by_name()) {
    ++left[root_of(snapshot.name(document))];
  }
  for (const DocumentNumber document : selection->documents) {
    change.removed_documents.insert(snapshot.document(document).id);
    --left[root_of(snapshot.name(document))];
  }
  // A root of which nothing is left is forgotten; else a file that changes comes back.
  const Manifest& manifest = snapshot.manifest();
  for (std::size_t i = 0; i < manifest.roots.size(); ++i) {
    const auto found = left.find(manifest.roots[i].name);
    if (found != left.end() && found->second == 0) change.removed_roots.push_back(i);
  }
  auto writer = IndexWriter::open(index.directory(), settings.writer);
  if (!writer) return fail(writer.error());
  if (Status s = (*writer)->commit(std::move(change)); !s) return fail(s.error());
  std::cout << selection->documents.size() << " documents removed\n";
  return 0;
}

}  // namespace callslip
