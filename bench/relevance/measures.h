// Measures of a ranking, and whether two systems differ.
//
// nDCG: Jaervelin and Kekaelaeinen, "Cumulated gain-based evaluation of IR techniques" (2002).
// The paired bootstrap: Sakai, "Evaluating evaluation metrics based on the bootstrap" (2006).
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace callslip::bench {

/// Ids of documents, best first, each once.
using RankedIds = std::vector<std::string>;

double ndcg(const RankedIds& ranking, const std::map<std::string, int>& relevant,
            std::size_t depth);
double recall(const RankedIds& ranking, const std::map<std::string, int>& relevant,
              std::size_t depth);

double mean(const std::vector<double>& values);

struct Comparison {
  double difference = 0;  // of the means: ours less theirs
  double p = 1;           // two-sided: how often chance alone would differ as much
};

/// Of the same queries in the same order. 10,000 resamples of the differences, seeded: the same
/// figures each time.
Comparison paired_bootstrap(const std::vector<double>& ours, const std::vector<double>& theirs);

}  // namespace callslip::bench
