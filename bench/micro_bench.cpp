// The steps of indexing one by one, in bytes a second, over our own sources.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "index/analyzer.h"
#include "index/chunker.h"
#include "index/formats/parser.h"
#include "index/hash.h"
#include "index/text/sentences.h"
#include "index/tokens/token_counter.h"

namespace {

using namespace callslip;

const std::string& sources() {
  static const std::string text = [] {
    std::stringstream all;
    for (const char* folder : {"index", "tools", "plugin", "docs"}) {
      for (const auto& file : std::filesystem::directory_iterator(folder)) {
        all << std::ifstream(file.path()).rdbuf();
      }
    }
    return all.str();
  }();
  return text;
}

void set_rate(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(sources().size()));
}

void hash(benchmark::State& state) {  // a baseline: one pass over the bytes
  for (auto _ : state) benchmark::DoNotOptimize(hash64(sources()));
  set_rate(state);
}
BENCHMARK(hash);

void estimate_tokens(benchmark::State& state) {
  const auto counter = make_token_estimator();
  for (auto _ : state) benchmark::DoNotOptimize(counter->count(sources()));
  set_rate(state);
}
BENCHMARK(estimate_tokens);

void split_into_sentences(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(split_sentences(sources(), TextKind::prose));
  set_rate(state);
}
BENCHMARK(split_into_sentences);

void analyze(benchmark::State& state) {
  Analyzer analyzer(Analyzer::Mode::index);
  for (auto _ : state) {
    analyzer.clear();
    analyzer.add(sources());
    benchmark::DoNotOptimize(analyzer.length());
  }
  set_rate(state);
}
BENCHMARK(analyze);

void cut(benchmark::State& state, TextKind kind) {
  const auto counter = make_token_estimator();
  const Chunker chunker(*counter, 512);
  ParsedDocument document;
  document.text = sources();
  document.kind = kind;
  for (auto _ : state) benchmark::DoNotOptimize(chunker.cut(document));
  set_rate(state);
}
BENCHMARK_CAPTURE(cut, code, TextKind::code);
BENCHMARK_CAPTURE(cut, prose, TextKind::prose);

}  // namespace
