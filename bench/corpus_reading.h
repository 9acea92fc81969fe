// The whole program on a large corpus: indexed, then read exhaustively by a child process that asks
// the oracle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace callslip {

struct CorpusReading {
  std::uint64_t tokens = 0;  // of the corpus
  std::uint64_t bytes = 0;
  double index_seconds = 0;
  std::uint64_t chunks = 0;
  double seconds = 0;  // of the read
  double cpu_seconds = 0;
  std::uint64_t calls = 0;
  double ideal_seconds = 0;
  double peak_mb = 0;         // resident
  std::uint64_t planted = 0;  // wanted sentences
  std::uint64_t found = 0;    // of them, as evidence
  std::string inexact;        // what is wrong with the coverage; empty: nothing
  double second_seconds = 0;  // the same question again
  std::uint64_t second_calls = 0;
};

struct CorpusSetting {
  std::size_t tokens = 2'000'000;  // at least, by the built-in estimator
  double latency_ms = 50;
  std::size_t concurrency = 32;
};

/// Call it while this process is small: the kernel tells a child's peak as at least what its parent
/// held when it started it. Throws std::runtime_error.
CorpusReading read_corpus(const CorpusSetting& setting);

}  // namespace callslip
