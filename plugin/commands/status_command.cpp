#include <filesystem>
#include <iostream>

#include "plugin/commands/commands.h"
#include "plugin/commands/terminal.h"
#include "plugin/watch_report.h"

namespace callslip {

int run_status(const Settings& settings) {
  Index index(index_directory(settings));
  const auto opened = index.snapshot();
  if (!opened) return fail(opened.error());
  const Snapshot& snapshot = **opened;
  std::uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(index.directory(), ignored)) {
    if (entry.is_regular_file(ignored)) bytes += entry.file_size(ignored);
  }
  const Manifest& manifest = snapshot.manifest();
  std::cout << "index      " << index.directory() << "\n"
            << "revision   " << snapshot.revision() << "\n"
            << "documents  " << snapshot.document_count() << "\n"
            << "chunks     " << snapshot.chunk_count() << " of at most " << manifest.chunk_tokens
            << " tokens\n"
            << "tokens     " << snapshot.token_count() << " (" << manifest.tokenizer << ")\n"
            << "segments   " << manifest.segments.size() << "\n"
            << "on disk    "
            << (bytes < 1'000'000 ? std::to_string(bytes / 1000) + " kB" : megabytes(bytes))
            << "\n";
  for (const RootRecord& root : manifest.roots) {
    if (!root.removed) std::cout << "root       " << root.name << "  " << root.path << "\n";
  }
  const auto watched = load_watch_report(index.directory());
  std::cout << "watched    "
            << (watched
                    ? "by process " + std::to_string(watched->process) + ": " + describe(*watched)
                    : "no; a server does while it runs: callslip serve PATH")
            << "\n";
  return 0;
}

}  // namespace callslip
