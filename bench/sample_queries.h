// Queries for benchmarks: contiguous words of the documents themselves.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "index/snapshot.h"

namespace callslip::bench {

/// The same ones every time. Ends the program when the index cannot be read.
std::vector<std::string> sample_queries(const Snapshot& snapshot, std::size_t words,
                                        std::size_t count);

}  // namespace callslip::bench
