// reading_throughput [--check] [--rounds N] [--repeat N] [--tokens N]: what reading by a model
// costs beside the model. The model is the oracle (tests/servers/), which takes 50 ms a call.
//
// 1. A corpus of 2,000,000 tokens, read exhaustively by the program: its memory, its coverage.
// 2. At concurrency 8, 32 and 128: the reader's wall time over the ideal (calls x latency /
//    concurrency), and its CPU per call beside that of a bare curl_multi loop which posts as many
//    bytes. Each takes turns and the best of its runs counts, since the machine is not ours alone.
// 3. Qwen-Agent's way to submit, emulated.
//
// With --check it exits with 1 when a goal is missed.
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "bench/bare_curl_loop.h"
#include "bench/corpus_reading.h"
#include "bench/made_up_prose.h"
#include "index/tokens/token_estimator.h"
#include "tests/support/oracle_process.h"
#include "tools/openai_reader.h"

namespace {

using namespace callslip;
using testing_support::OracleProcess;

constexpr double latency_s = 0.050;
constexpr double most_wall = 1.1;     // x the ideal
constexpr double most_cpu = 2.0;      // x the bare loop's
constexpr double most_peak_mb = 300;  // resident
const std::string wanted = "The keeper of the lamp is called Osric.";
constexpr const char* question = "who keeps the lamp?";

struct Flags {
  bool check = false;
  std::size_t rounds = 40;  // calls per connection
  std::size_t repeat = 3;
  std::size_t tokens = 2'000'000;
};

struct Cost {
  double wall = 1e9;
  double cpu = 1e9;
  void keep_best(const Cost& other) {
    wall = std::min(wall, other.wall);
    cpu = std::min(cpu, other.cpu);
  }
};

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <class Work>
Cost measure(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu = own_cpu_seconds();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          own_cpu_seconds() - cpu};
}

bool all_passed = true;

const char* judged(bool passed) {
  all_passed = all_passed && passed;
  return passed ? "PASS" : "FAIL";
}

/// Passages of one size; one of 50 holds what is wanted.
class Passages : public PassageSource {
 public:
  Passages(std::size_t count, std::size_t bytes) : count_(count) {
    MadeUpProse prose(static_cast<std::uint32_t>(bytes));
    for (std::size_t i = 0; i < 50; ++i) {
      texts_.push_back((i == 7 ? wanted + " " : "") + prose.text(bytes));
      tokens_.push_back(static_cast<std::uint32_t>(TokenEstimator().count(texts_.back())));
    }
  }

  std::optional<Passage> next() override {
    if (given_ == count_) return std::nullopt;
    Passage passage;
    passage.number = given_;
    passage.document = "volume.txt";
    passage.text = texts_[given_ % texts_.size()];
    passage.tokens = tokens_[given_ % texts_.size()];
    ++given_;
    return passage;
  }
  /// In those given so far.
  std::size_t relevant() const { return (given_ + 42) / 50; }

 private:
  const std::size_t count_;
  std::vector<std::string> texts_;
  std::vector<std::uint32_t> tokens_;
  std::size_t given_ = 0;
};

void read_all(OpenAiReader& reader, Passages passages) {
  std::size_t relevant = 0;
  std::size_t failed = 0;
  std::string reason;
  const CallContext context;
  reader.read(question, passages, 1'000'000, context, [&](std::size_t, const Verdict& verdict) {
    relevant += verdict.kind == Verdict::Kind::relevant ? 1 : 0;
    if (verdict.kind == Verdict::Kind::failed && failed++ == 0) reason = verdict.reason;
  });
  if (failed > 0 || relevant != passages.relevant()) {
    throw std::runtime_error("the reader misjudged: " + std::to_string(relevant) + " relevant, " +
                             std::to_string(failed) + " failed " + reason);
  }
}

std::unique_ptr<OpenAiReader> make_reader(const OracleProcess& oracle, std::size_t concurrency,
                                          std::uint64_t context_tokens) {
  OpenAiReaderOptions options;
  options.urls = {oracle.url()};
  options.model = "oracle";
  options.concurrency = concurrency;
  options.context_tokens = context_tokens;
  auto made = OpenAiReader::create(std::move(options));
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(made).value();
}

/// A request of so many bytes.
std::string body_of(std::size_t bytes) {
  nlohmann::json body = {{"model", "oracle"},
                         {"max_tokens", 2048},
                         {"messages", {{{"role", "user"}, {"content", ""}}}}};
  auto& content = body["messages"][0]["content"].get_ref<std::string&>();
  const std::string head = "<passage id=\"1\">\n";
  const std::string tail = "\n</passage>\n";
  const std::size_t around = body.dump().size() + head.size() + tail.size() + 8;
  MadeUpProse prose(5);
  while (content.size() + around < bytes) content += prose.sentence() + " ";
  content.resize(std::min(content.size(), bytes - around));
  content = head + content + tail;
  return body.dump();
}

struct Load {
  const char* name;
  std::uint64_t context_tokens;
  std::size_t passage_bytes;
  std::size_t passages_per_call;  // about
};

void measure_calls(const Flags& flags, const Load& load, std::size_t concurrency) {
  const OracleProcess oracle({wanted}, {"--latency", std::to_string(latency_s * 1000)});
  const std::size_t passages = concurrency * flags.rounds * load.passages_per_call;
  const Passages source(passages, load.passage_bytes);
  Cost bare;
  Cost first;
  Cost second;
  double calls = 0;
  double bytes = 0;
  double served = 0;  // the oracle's own CPU
  std::size_t most = 0;
  for (std::size_t i = 0; i < flags.repeat; ++i) {
    oracle.reset_stats();
    const double served_before = oracle.stats().at("cpu_seconds");
    const auto reader = make_reader(oracle, concurrency, load.context_tokens);
    first.keep_best(measure([&] { read_all(*reader, source); }));
    const auto stats = oracle.stats();
    calls = stats.at("calls");
    bytes = stats.at("request_bytes").get<double>() / calls;
    most = stats.at("most_in_flight");
    served = stats.at("cpu_seconds").get<double>() - served_before;
    second.keep_best(measure([&] { read_all(*reader, source); }));
    const std::string body = body_of(static_cast<std::size_t>(bytes));
    bare.keep_best(measure([&] {
      run_bare_curl_loop(oracle.url() + "/chat/completions", body, static_cast<std::size_t>(calls),
                         concurrency);
    }));
  }
  const double ideal = calls * latency_s / static_cast<double>(concurrency);
  const double wall = first.wall / ideal;
  const double cpu = first.cpu / bare.cpu;
  const bool passed = wall <= most_wall && cpu <= most_cpu;
  std::printf("%-6s %4zu %6.0f %7.0f %5zu  %6.3f %6.0f   %6.3f %6.3f %6.0f %6.2f   %6.0f  %s\n",
              load.name, concurrency, calls, bytes, most, bare.wall / ideal, bare.cpu / calls * 1e6,
              wall, second.wall / ideal, first.cpu / calls * 1e6, cpu, served / calls * 1e6,
              judged(passed));
  std::fflush(stdout);
}

void print_corpus(const Flags& flags) {
  CorpusSetting setting;
  setting.tokens = flags.tokens;
  setting.latency_ms = latency_s * 1000;
  const CorpusReading r = read_corpus(setting);
  std::printf(
      "corpus: %llu tokens, %.1f MB, %llu chunks, indexed in %.1f s\n"
      "  read exhaustively: %llu calls, %.2f s wall (ideal %.2f s), %.2f s CPU\n"
      "  peak resident memory %.0f MB (at most %.0f): %s\n"
      "  coverage %s: %s; planted sentences found %llu of %llu: %s\n"
      "  the same question again: %llu calls, %.2f s\n\n",
      static_cast<unsigned long long>(r.tokens), static_cast<double>(r.bytes) / 1e6,
      static_cast<unsigned long long>(r.chunks), r.index_seconds,
      static_cast<unsigned long long>(r.calls), r.seconds, r.ideal_seconds, r.cpu_seconds,
      r.peak_mb, most_peak_mb, judged(r.peak_mb <= most_peak_mb),
      r.inexact.empty() ? "exact" : r.inexact.c_str(), judged(r.inexact.empty()),
      static_cast<unsigned long long>(r.found), static_cast<unsigned long long>(r.planted),
      judged(r.found == r.planted), static_cast<unsigned long long>(r.second_calls),
      r.second_seconds);
  std::fflush(stdout);
}

/// Qwen-Agent reads chunk by chunk with parallel_exec(..., jitter=0.5), in
/// qwen_agent/agents/doc_qa/parallel_doc_qa.py (commit 31a4d36); parallel_exec, in
/// qwen_agent/utils/parallel_executor.py, sleeps jitter * random() after each submission: a quarter
/// of a second on average, whatever the model takes. Its pool has Python's default of workers,
/// min(32, processors + 4). Only that is emulated, not the rest of what its agents do per chunk.
void print_qwen_pattern() {
  constexpr std::size_t chunks = 40;
  constexpr double jitter_s = 0.5;
  constexpr std::size_t chunk_tokens = 1000;  // its PARALLEL_CHUNK_SIZE
  const OracleProcess oracle({"--latency", std::to_string(latency_s * 1000)});
  const std::string url = oracle.url() + "/chat/completions";
  const std::string body = body_of(4 * chunk_tokens);
  const auto workers =
      static_cast<std::ptrdiff_t>(std::min(32U, std::thread::hardware_concurrency() + 4));
  std::counting_semaphore<32> free_workers(workers);
  std::mt19937 random(1);
  std::uniform_real_distribution<double> sleep(0, jitter_s);
  const Cost cost = measure([&] {
    std::vector<std::jthread> tasks;
    for (std::size_t i = 0; i < chunks; ++i) {
      tasks.emplace_back([&] {
        free_workers.acquire();
        run_bare_curl_loop(url, body, 1, 1);
        free_workers.release();
      });
      std::this_thread::sleep_for(std::chrono::duration<double>(sleep(random)));
    }
  });
  const double per_chunk = cost.wall / chunks;
  std::printf(
      "\nQwen-Agent's submission, emulated: %zu chunks in %.2f s, %.3f s a chunk; extrapolated "
      "(not "
      "measured),\n2,000,000 tokens in chunks of %zu would take %.0f s to submit\n",
      chunks, cost.wall, per_chunk, chunk_tokens, per_chunk * 2e6 / chunk_tokens);
}

Flags parse(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    std::size_t* const number = flag == "--rounds"   ? &flags.rounds
                                : flag == "--repeat" ? &flags.repeat
                                : flag == "--tokens" ? &flags.tokens
                                                     : nullptr;
    if (flag == "--check") {
      flags.check = true;
    } else if (number != nullptr && i + 1 < argc) {
      *number = std::strtoul(argv[++i], nullptr, 10);
    } else {
      std::cerr << "usage: reading_throughput [--check] [--rounds N] [--repeat N] [--tokens N]\n";
      std::exit(2);
    }
  }
  return flags;
}

}  // namespace

int main(int argc, char** argv) {
  const Flags flags = parse(argc, argv);
  try {
    // First, while this process is small: see read_corpus().
    if (flags.tokens > 0) print_corpus(flags);
    std::printf(
        "body   conc  calls  B/call  most |  bare curl    | reader                      | oracle\n"
        "                                    x ideal  us     x ideal  again     us  x bare     "
        "us\n");
    const std::array loads = {Load{"2 KB", 1024, 700, 1}, Load{"28 KB", 10500, 1500, 17}};
    for (const Load& load : loads) {
      for (const std::size_t concurrency : {8, 32, 128}) measure_calls(flags, load, concurrency);
    }
    print_qwen_pattern();
  } catch (const std::exception& error) {
    std::cerr << "reading_throughput: " << error.what() << "\n";
    return 1;
  }
  return flags.check && !all_passed ? 1 : 0;
}
