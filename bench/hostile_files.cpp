// hostile_files FOLDER [SECONDS]: parses every file below a folder of broken and hostile files and
// prints what became of each kind: read, skipped by which reason, the slowest, the memory it took.
//
// A parser of ours that crashes in this process ends the program: that is the point. Files are
// parsed as `callslip index` does it, binary formats in callslip-extract. SECONDS: for a file (60).
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "index/extract/extractor.h"
#include "index/files/atomic_file.h"
#include "index/formats/text_document.h"

namespace {

using namespace callslip;

constexpr std::uint64_t kMostBytes = 128ULL << 20;
constexpr std::size_t kSlowest = 10;

struct Outcome {
  std::string name;
  std::string kind;  // the file's extension
  double seconds = 0;
  std::size_t documents = 0;
  std::size_t members_skipped = 0;
  std::string reason;
};

/// Reasons that differ in numbers and names only are one.
std::string family_of(std::string reason) {
  reason = reason.substr(0, reason.find_first_of(";("));
  for (char& c : reason) c = c >= '0' && c <= '9' ? '#' : c;
  std::string family;
  for (const char c : reason) {
    if (c != '#' || !family.ends_with('#')) family += c;
  }
  return family.substr(0, 90);
}

Outcome parse(Extractor& extractor, const std::filesystem::path& path,
              const std::filesystem::path& folder) {
  Outcome outcome;
  outcome.name = path.lexically_relative(folder).string();
  outcome.kind = file_extension(path.filename().string());
  auto bytes = read_file(path.string(), kMostBytes);
  if (!bytes) {
    outcome.reason = bytes.error().message;
    return outcome;
  }
  const auto start = std::chrono::steady_clock::now();
  const std::string name = path.filename().string();
  const Parser& parser = parser_for(name, std::string_view(*bytes).substr(0, 4096));
  const Status status =
      extractor.parse(parser, name, std::move(bytes).value(), {}, [&](const ParsedDocument& d) {
        ++(d.skipped.empty() ? outcome.documents : outcome.members_skipped);
        return Status();
      });
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!status) outcome.reason = status.error().message;
  return outcome;
}

void print_kinds(const std::vector<Outcome>& outcomes) {
  struct Row {
    std::size_t files = 0, whole = 0, partly = 0, skipped = 0, crashed = 0, late = 0, memory = 0;
  };
  std::map<std::string, Row> rows;
  for (const Outcome& outcome : outcomes) {
    for (const std::string& kind : {outcome.kind, std::string("(all)")}) {
      Row& row = rows[kind];
      ++row.files;
      const std::string& reason = outcome.reason;
      ++(reason.empty() ? row.whole : outcome.documents > 0 ? row.partly : row.skipped);
      row.crashed += reason.find("crashed") != std::string::npos ? 1 : 0;
      row.late += reason.find("took longer") != std::string::npos ? 1 : 0;
      row.memory += reason.find("memory") != std::string::npos ? 1 : 0;
    }
  }
  std::cout << "kind            files    read  in part  skipped  crashed  too long  memory\n";
  for (const auto& [kind, row] : rows) {
    std::cout << std::left << std::setw(14) << (kind.empty() ? "(none)" : kind) << std::right
              << std::setw(7) << row.files << std::setw(8) << row.whole << std::setw(9)
              << row.partly << std::setw(9) << row.skipped << std::setw(9) << row.crashed
              << std::setw(10) << row.late << std::setw(8) << row.memory << "\n";
  }
}

void print_reasons(const std::vector<Outcome>& outcomes) {
  std::map<std::string, std::pair<std::size_t, std::string>> families;
  for (const Outcome& outcome : outcomes) {
    if (outcome.reason.empty()) continue;
    auto& [count, example] = families[family_of(outcome.reason)];
    if (++count == 1) example = outcome.name;
  }
  std::vector<std::pair<std::string, std::pair<std::size_t, std::string>>> sorted(families.begin(),
                                                                                  families.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.second.first > b.second.first; });
  std::cout << "\n  files  reason (an example)\n";
  for (const auto& [reason, found] : sorted) {
    std::cout << std::setw(7) << found.first << "  " << reason << " (" << found.second << ")\n";
  }
}

long peak_mib(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  return usage.ru_maxrss >> 10;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: hostile_files FOLDER [SECONDS]\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Outcome> outcomes(files.size());
  const auto start = std::chrono::steady_clock::now();
  {
    Extractor::Options options;
    if (argc > 2) options.limits.step = std::chrono::seconds(std::max(1, std::atoi(argv[2])));
    Extractor extractor(options);
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
      threads.emplace_back([&] {
        for (std::size_t at = next++; at < files.size(); at = next++) {
          outcomes[at] = parse(extractor, files[at], folder);
        }
      });
    }
    threads.clear();
    if (!extractor.weakness().empty()) std::cout << "note: " << extractor.weakness() << "\n";
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  print_kinds(outcomes);
  print_reasons(outcomes);
  std::sort(outcomes.begin(), outcomes.end(),
            [](const Outcome& a, const Outcome& b) { return a.seconds > b.seconds; });
  std::cout << "\nslowest:\n" << std::fixed << std::setprecision(2);
  for (std::size_t i = 0; i < std::min(kSlowest, outcomes.size()); ++i) {
    std::cout << std::setw(8) << outcomes[i].seconds << " s  " << outcomes[i].name << "  "
              << outcomes[i].reason << "\n";
  }
  std::cout << "\n"
            << files.size() << " files in " << seconds << " s; peak memory: this process "
            << peak_mib(RUSAGE_SELF) << " MiB, a file's process " << peak_mib(RUSAGE_CHILDREN)
            << " MiB\n";
  return 0;
}
