#include <csignal>
#include <iostream>
#include <map>

#include "index/index_writer.h"
#include "index/indexer.h"
#include "plugin/commands/commands.h"
#include "plugin/commands/signals.h"
#include "plugin/commands/terminal.h"
#include "tools/text_block.h"

namespace callslip {
namespace {

constexpr std::chrono::milliseconds kCommitInterval{60'000};  // what an interruption may cost
constexpr std::size_t kNamed = 10;  // files, then reasons; with --strict all files are named

void print_files(const char* what, const std::vector<IndexSummary::File>& files, bool all) {
  std::map<std::string, std::size_t> rest;  // by reason
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (i >= kNamed && !all) {
      ++rest[files[i].reason];
      continue;
    }
    std::cerr << styled(what, Style::yellow, 2) << ": " << files[i].name << ": " << files[i].reason
              << "\n";
  }
  std::size_t kinds = 0;
  for (const auto& [reason, count] : rest) {
    if (++kinds > kNamed) {
      std::cerr << "... and others (--strict names all)\n";
      return;
    }
    std::cerr << styled(what, Style::yellow, 2) << ": " << count << " more: " << reason << "\n";
  }
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
  options.commit_interval = kCommitInterval;
  ProgressBar bar("indexing");
  Indexer indexer(**writer, options, [&](const IndexProgress& progress) {
    bar.update(progress.files_done, progress.files_total,
               megabytes(progress.bytes_done) + " of " + megabytes(progress.bytes_total));
  });
  const auto summary = indexer.run(settings.operands);
  bar.clear();
  if (!summary) return fail(summary.error());

  print_files("skipped", summary->skipped, settings.strict);
  print_files("skipped", summary->skipped_members, settings.strict);
  print_files("warning", summary->warnings, settings.strict);
  if (summary->roots == 0) {
    return fail({ErrorKind::not_found, "nothing was indexed: no PATH could be looked at"});
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  char took[32];
  std::snprintf(took, sizeof took, "%.1f s", seconds);
  std::cout << quantity(summary->files, "file") << ": " << summary->indexed << " indexed ("
            << quantity(summary->documents, "document") << ", "
            << quantity(summary->chunks, "chunk") << ", " << megabytes(summary->bytes) << "), "
            << summary->unchanged << " unchanged, " << summary->skipped.size() << " skipped; "
            << summary->removed << " removed";
  for (const auto& [what, count] : summary->ranked_down) {
    std::cout << "; " << count << " " << what << ", ranked down";
  }
  if (summary->moved > 0) std::cout << "; " << summary->moved << " moved";
  for (const auto& [what, count] : summary->passed_by) {
    std::cout << "; " << count << " " << what << " passed by";
  }
  if (!summary->skipped_members.empty()) {
    std::cout << "; " << quantity(summary->skipped_members.size(), "member")
              << " of archives skipped";
  }
  std::cout << "; " << quantity(summary->warnings.size(), "warning") << "; " << took << "\n";
  const bool imperfect =
      !summary->warnings.empty() || !summary->skipped.empty() || !summary->skipped_members.empty();
  return settings.strict && imperfect ? 1 : 0;
}

}  // namespace callslip
