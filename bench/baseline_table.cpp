// baseline_table FOLDER [QUERIES]: what users feel, beside raw Xapian doing the same work in this
// process: the rate of indexing, and the latency of both tools. Every row is a ratio measured in
// one run; a ratio above 1 means that we are slower.
#include <xapian.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>
#include <vector>

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

/// The chunks' texts in a Xapian database of their own, as its documentation does it.
double index_raw(const Snapshot& snapshot, const std::string& directory, std::uint64_t& bytes) {
  std::vector<std::string> texts;
  for (ChunkNumber c = 0; c < snapshot.chunk_bound(); ++c) {
    auto text = snapshot.chunk_text(c);
    if (!text) die(text.error().message);
    bytes += text->size();
    texts.push_back(std::move(text).value());
  }
  const auto start = Clock::now();
  Xapian::WritableDatabase database(directory, Xapian::DB_CREATE_OR_OVERWRITE);
  Xapian::TermGenerator generator;
  generator.set_stemmer(Xapian::Stem("english"));
  generator.set_stemming_strategy(Xapian::TermGenerator::STEM_ALL);
  generator.set_flags(Xapian::TermGenerator::FLAG_CJK_NGRAM);
  for (const std::string& text : texts) {
    Xapian::Document document;
    document.set_data(text);
    generator.set_document(document);
    generator.index_text_without_positions(text);
    database.add_document(document);
  }
  database.commit();
  return seconds_since(start);
}

/// Contiguous words of the documents themselves.
std::vector<std::string> sample_queries(const Snapshot& snapshot, std::size_t words,
                                        std::size_t count) {
  std::mt19937 random(static_cast<unsigned>(words));
  std::vector<std::string> queries;
  while (queries.size() < count) {
    const DocumentNumber document =
        snapshot.document_of(static_cast<ChunkNumber>(random() % snapshot.chunk_bound()));
    const auto text = snapshot.text(document, 0, snapshot.document(document).text_bytes);
    if (!text) die(text.error().message);
    std::size_t at = text->find(' ', random() % (text->size() + 1));
    std::string query;
    for (std::size_t w = 0; w < words && at != std::string::npos; ++w) {
      const std::size_t end = text->find_first_of(" \n", at + 1);
      query.append(*text, at, end - at);
      at = end;
    }
    // A quote would ask for a literal.
    std::replace(query.begin(), query.end(), '"', ' ');
    if (at != std::string::npos) queries.push_back(std::move(query));
  }
  return queries;
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
  const double raw = index_raw(snapshot, scratch + "/raw", raw_bytes);
  std::printf("raw Xapian, 1 thread, texts given  %9.2f %9.1f\n", raw,
              static_cast<double>(raw_bytes) / 1e6 / raw);
  std::printf("rate, 1 thread: %.2f of raw Xapian (which neither parses, cuts nor counts)\n\n",
              raw / ours);

  Library library(index);
  const DocSearch search(library);
  ExtractiveReader reader(*index);
  const ReadChunks read(library, reader, {});
  const Xapian::Database database(scratch + "/raw");
  const auto raw_search = [&](const std::string& text, Xapian::doccount top) {
    Xapian::QueryParser parser;
    parser.set_stemmer(Xapian::Stem("english"));
    std::vector<Xapian::Query> terms;
    Xapian::TermGenerator generator;
    generator.set_stemmer(Xapian::Stem("english"));
    generator.set_stemming_strategy(Xapian::TermGenerator::STEM_ALL);
    Xapian::Document words;
    generator.set_document(words);
    generator.index_text_without_positions(text);
    for (auto t = words.termlist_begin(); t != words.termlist_end(); ++t) {
      terms.emplace_back(*t, t.get_wdf());
    }
    Xapian::Enquire enquire(database);
    enquire.set_query(Xapian::Query(Xapian::Query::OP_OR, terms.begin(), terms.end()));
    const Xapian::MSet set = enquire.get_mset(0, top);
    std::size_t bytes = 0;
    for (auto it = set.begin(); it != set.end(); ++it) bytes += it.get_document().get_data().size();
    return bytes;
  };

  std::printf("%-34s %9s %9s   %9s %9s   %6s\n", "microseconds, warm", "p50", "p99", "raw p50",
              "raw p99", "ratio");
  for (const std::size_t words : {1U, 3U, 8U, 30U, 100U, 500U}) {
    const auto queries = sample_queries(snapshot, words, count);
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
  const auto questions = sample_queries(snapshot, 8, std::min<std::size_t>(count, 50));
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
