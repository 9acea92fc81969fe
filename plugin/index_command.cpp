#include <csignal>
#include <iostream>

#include "index/index_writer.h"
#include "index/indexer.h"
#include "plugin/commands.h"
#include "plugin/signals.h"
#include "plugin/terminal.h"

namespace callslip {
namespace {

constexpr std::size_t kNamed = 20;  // skipped files that are named; all of them with --strict

void print_files(const char* what, const std::vector<IndexSummary::File>& files, bool all) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (i == kNamed && !all) {
      std::cerr << "  ... and " << files.size() - i << " more (--strict names all)\n";
      return;
    }
    std::cerr << styled(what, Style::yellow, 2) << ": " << files[i].name << ": "
              << files[i].reason << "\n";
  }
}

std::string mebibytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text;
}

}  // namespace

int run_index(const Settings& settings) {
  SignalWatch signals;
  IndexWriter::Options writer_options = settings.writer;
  writer_options.stop = signals.token();
  auto writer = IndexWriter::open(index_directory(settings), writer_options);
  if (!writer) return fail(writer.error());

  const auto start = std::chrono::steady_clock::now();
  IndexerOptions options = settings.indexer;
  options.stop = signals.token();
  ProgressBar bar("indexing");
  Indexer indexer(**writer, options, [&](const IndexProgress& progress) {
    bar.update(progress.files_done, progress.files_total,
               mebibytes(progress.bytes_done) + " of " + mebibytes(progress.bytes_total));
  });
  const auto summary = indexer.run(settings.operands);
  bar.clear();
  if (!summary) return fail(summary.error());

  print_files("skipped", summary->skipped, settings.strict);
  print_files("warning", summary->warnings, settings.strict);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  char took[32];
  std::snprintf(took, sizeof took, "%.1f s", seconds);
  std::cout << summary->files << " files: " << summary->indexed << " indexed ("
            << summary->documents << " documents, " << summary->chunks << " chunks, "
            << mebibytes(summary->bytes) << "), " << summary->unchanged << " unchanged, "
            << summary->skipped.size() << " skipped; " << summary->removed << " removed";
  for (const auto& [what, count] : summary->passed_by) {
    std::cout << "; " << count << " " << what << " passed by";
  }
  std::cout << "; " << summary->warnings.size() << " warnings; " << took << "\n";
  const bool imperfect = !summary->warnings.empty() || !summary->skipped.empty();
  return settings.strict && imperfect ? 1 : 0;
}

}  // namespace callslip
