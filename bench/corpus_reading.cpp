#include "bench/corpus_reading.h"

#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "bench/made_up_prose.h"
#include "index/tokens/token_estimator.h"
#include "tests/support/oracle_process.h"

namespace callslip {
namespace {

using nlohmann::json;
using testing_support::OracleProcess;
using testing_support::Outcome;
using testing_support::Process;

constexpr const char* question = "who keeps the keys of the lighthouse?";
constexpr std::size_t file_bytes = 160'000;
constexpr std::chrono::minutes patience{10};

class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "callslip-bench-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch directory");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// One wanted sentence a file, a little further down in each.
std::vector<std::string> write_corpus(const Folder& folder, std::size_t tokens,
                                      CorpusReading& result) {
  const TokenEstimator estimator;
  MadeUpProse prose(1);
  std::vector<std::string> wanted;
  std::filesystem::create_directories(folder / "docs");
  while (result.tokens < tokens) {
    const std::string number = std::to_string(wanted.size() + 1);
    std::string& sentence = wanted.emplace_back("Beacon ");
    sentence.append(number)
        .append(" was entrusted to warden ")
        .append(number)
        .append(" of Marlness.");
    const std::size_t before = file_bytes * (wanted.size() % 17) / 17;
    const std::string text =
        prose.text(before) + wanted.back() + "\n\n" + prose.text(file_bytes - before);
    std::ofstream(folder / ("docs/volume-" + number + ".txt"), std::ios::binary) << text;
    result.tokens += estimator.count(text);
    result.bytes += text.size();
  }
  return wanted;
}

double child_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Ended {
  Outcome outcome;
  double seconds = 0;
  double cpu_seconds = 0;
};

Ended run(const Folder& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CALLSLIP_BIN);
  const auto start = std::chrono::steady_clock::now();
  const double cpu = child_cpu_seconds();
  testing_support::ProcessOptions options;
  options.environment = {"XDG_DATA_HOME=" + (folder / "home"),
                         "XDG_CACHE_HOME=" + (folder / "home")};
  Process process(arguments, options);
  Ended ended;
  ended.outcome = process.wait(patience);
  ended.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ended.cpu_seconds = child_cpu_seconds() - cpu;
  if (ended.outcome.exit_code != 0) {
    throw std::runtime_error(arguments[1] + ": " + ended.outcome.describe());
  }
  return ended;
}

std::string what_is_inexact(const json& coverage, std::uint64_t chunks, std::uint64_t planted) {
  const auto count = [&coverage](const char* name) {
    return coverage.at(name).get<std::uint64_t>();
  };
  if (count("in_scope") != chunks || count("read") != chunks || count("failed") != 0 ||
      count("unread") != 0 || count("relevant") != planted || coverage.at("complete") != true) {
    return coverage.dump();
  }
  return "";
}

}  // namespace

CorpusReading read_corpus(const CorpusSetting& setting) {
  const Folder folder;
  CorpusReading result;
  const std::vector<std::string> wanted = write_corpus(folder, setting.tokens, result);
  result.planted = wanted.size();
  const std::string index = folder / "index";
  result.index_seconds = run(folder, {"index", "--index", index, folder / "docs"}).seconds;
  const json documents = json::parse(run(folder, {"list", "--index", index, "--json", "--limit",
                                                  "10000", "--max-tokens", "1000000"})
                                         .outcome.out);
  for (const json& document : documents.at("documents")) {
    result.chunks += document.at("chunks").get<std::uint64_t>();
  }

  OracleProcess oracle(wanted, {"--latency", std::to_string(setting.latency_ms)});
  const std::vector<std::string> read = {"read",
                                         question,
                                         "--index",
                                         index,
                                         "--json",
                                         "--effort",
                                         "exhaustive",
                                         "--reader-url",
                                         oracle.url(),
                                         "--reader-model",
                                         "oracle",
                                         "--reader-max-calls",
                                         "100000",
                                         "--reader-concurrency",
                                         std::to_string(setting.concurrency),
                                         "--deadline",
                                         "600",
                                         "--max-tokens",
                                         "10000"};
  const Ended first = run(folder, read);
  result.seconds = first.seconds;
  result.cpu_seconds = first.cpu_seconds;
  result.peak_mb = static_cast<double>(first.outcome.max_rss_kb) / 1024;
  result.calls = oracle.count("calls");
  result.ideal_seconds = static_cast<double>(result.calls) * setting.latency_ms / 1000 /
                         static_cast<double>(setting.concurrency);
  const json answer = json::parse(first.outcome.out);
  result.inexact = what_is_inexact(answer.at("coverage"), result.chunks, result.planted);
  for (const json& evidence : answer.at("evidence")) {
    const bool known = std::find(wanted.begin(), wanted.end(), evidence.at("text")) != wanted.end();
    if (!known) throw std::runtime_error("evidence that nobody planted: " + evidence.dump());
    ++result.found;
  }

  oracle.reset_stats();
  result.second_seconds = run(folder, read).seconds;
  result.second_calls = oracle.count("calls");
  return result;
}

}  // namespace callslip
