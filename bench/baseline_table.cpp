// baseline_table FOLDER [QUERIES]: what users feel, beside raw Xapian doing the same work in this
// process: the rate of indexing, and the latency of both tools. Every row is a ratio measured in
// one run; a ratio above 1 means that we are slower.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "bench/raw_xapian.h"
#include "bench/sample_queries.h"
#include "index/index.h"
#include "index/index_writer.h"
#include "index/indexer.h"
#include "tools/doc_search.h"
#include "tools/extractive_reader.h"
#include "tools/read_chunks.h"

namespace {

using namespace callslip;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void die(const std::string& why) {
  std::cerr << "baseline_table: " << why << "\n";
  std::exit(1);
}

struct Percentiles {
  double p50 = 0;
  double p99 = 0;
};

template <class F>
Percentiles measure(const std::vector<std::string>& queries, F&& call) {
  std::vector<double> times;
  for (const std::string& query : queries) call(query);  // warm: both have caches
  for (const std::string& query : queries) {
    const auto start = Clock::now();
    call(query);
    times.push_back(seconds_since(start) * 1e6);
  }
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times[times.size() * 99 / 100]};
}

void print_row(const std::string& what, const Percentiles& ours, const Percentiles& raw) {
  std::printf("%-34s %9.0f %9.0f   %9.0f %9.0f   %6.2f\n", what.c_str(), ours.p50, ours.p99,
              raw.p50, raw.p99, ours.p50 / raw.p50);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: baseline_table FOLDER [QUERIES]\n";
    return 2;
  }
  const std::size_t count = argc > 2 ? std::stoul(argv[2]) : 200;
  const std::string scratch =
      std::filesystem::temp_directory_path() / ("callslip-bench-" + std::to_string(getpid()));
  const auto clean = [&] { std::filesystem::remove_all(scratch); };

  std::printf("%-34s %9s %9s %9s\n", "indexing", "seconds", "MB/s", "chunks");
  double ours = 0;
  std::uint64_t text_bytes = 0;
  for (const std::size_t threads : {2U, 1U}) {
    clean();
    auto writer = IndexWriter::open(scratch + "/ours", {});
    if (!writer) die(writer.error().message);
    IndexerOptions options;
    options.threads = threads;
    const auto start = Clock::now();
    const auto summary = Indexer(**writer, options).run({argv[1]});
    if (!summary) die(summary.error().message);
    ours = seconds_since(start);
    Index index(scratch + "/ours");
    const auto snapshot = index.snapshot();
    if (!snapshot) die(snapshot.error().message);
    text_bytes = 0;
    for (const DocumentNumber d : (*snapshot)->documents_by_name()) {
      text_bytes += (*snapshot)->document(d).text_bytes;
    }
    std::printf("callslip, %zu thread%-18s %9.2f %9.1f %9llu\n", threads, threads == 1 ? "" : "s",
                ours, static_cast<double>(text_bytes) / 1e6 / ours,
                static_cast<unsigned long long>(summary->chunks));
  }
  auto index = std::make_shared<Index>(scratch + "/ours");
  const auto opened = index->snapshot();
  if (!opened) die(opened.error().message);
  const Snapshot& snapshot = **opened;
  std::uint64_t raw_bytes = 0;
  const double raw = bench::index_raw(snapshot, scratch + "/raw", raw_bytes);
  std::printf("raw Xapian, 1 thread, texts given  %9.2f %9.1f\n", raw,
              static_cast<double>(raw_bytes) / 1e6 / raw);
  std::printf("rate, 1 thread: %.2f of raw Xapian (which neither parses, cuts nor counts)\n\n",
              raw / ours);

  Library library(index);
  const DocSearch search(library);
  ExtractiveReader reader(*index);
  const ReadChunks read(library, reader, {});
  const bench::RawXapian raw_database(scratch + "/raw");
  const auto raw_search = [&](const std::string& text, unsigned top) {
    return raw_database.search(text, top);
  };

  std::printf("%-34s %9s %9s   %9s %9s   %6s\n", "microseconds, warm", "p50", "p99", "raw p50",
              "raw p99", "ratio");
  for (const std::size_t words : {1U, 3U, 8U, 30U, 100U, 500U}) {
    const auto queries = bench::sample_queries(snapshot, words, count);
    const Percentiles mine = measure(queries, [&](const std::string& query) {
      DocSearchRequest request;
      request.query = query;
      request.whole = false;
      if (!search.search(request, {})) die("search failed");
    });
    const Percentiles theirs =
        measure(queries, [&](const std::string& query) { raw_search(query, 20); });
    print_row("doc_search, " + std::to_string(words) + " words", mine, theirs);
  }
  const auto questions = bench::sample_queries(snapshot, 8, std::min<std::size_t>(count, 50));
  for (const auto& [name, effort, top] :
       {std::tuple{"read_chunks quick (64 chunks)", Effort::quick, 64U},
        std::tuple{"read_chunks standard", Effort::standard, 448U}}) {
    const Percentiles mine = measure(questions, [&, effort = effort](const std::string& question) {
      ReadChunksRequest request;
      request.question = question;
      request.effort = effort;
      if (!read.run(request, {})) die("read failed");
    });
    const Percentiles theirs = measure(
        questions, [&, top = top](const std::string& question) { raw_search(question, top); });
    print_row(name, mine, theirs);
  }
  clean();
  return 0;
}
