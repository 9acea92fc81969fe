#include <iostream>
#include <vector>

#include "plugin/commands/commands.h"
#include "plugin/documents/handed_removal.h"
#include "tools/document_filter.h"
#include "tools/text_block.h"

namespace callslip {

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
  // What clients handed over is on the disk too, and would come back.
  HandedRemoval handed(index.directory(), settings.writer.lock_wait);
  if (Status s = handed.prepare(snapshot, selection->documents); !s) return fail(s.error());
  const Status committed = (*writer)->commit(std::move(change));
  handed.finish(committed.ok());
  if (!committed) return fail(committed.error());
  std::cout << quantity(selection->documents.size(), "document") << " removed\n";
  return 0;
}

}  // namespace callslip
