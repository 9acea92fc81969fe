#include "bench/relevance/measures.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace callslip::bench {
namespace {

constexpr int kResamples = 10'000;

double discounted(double gain, std::size_t rank) {
  return gain / std::log2(static_cast<double>(rank) + 2);
}

}  // namespace

double ndcg(const RankedIds& ranking, const std::map<std::string, int>& relevant,
            std::size_t depth) {
  double gained = 0;
  for (std::size_t rank = 0; rank < std::min(depth, ranking.size()); ++rank) {
    const auto found = relevant.find(ranking[rank]);
    if (found != relevant.end()) gained += discounted(found->second, rank);
  }
  std::vector<int> grades;
  for (const auto& [id, grade] : relevant) grades.push_back(grade);
  std::sort(grades.rbegin(), grades.rend());
  double ideal = 0;
  for (std::size_t rank = 0; rank < std::min(depth, grades.size()); ++rank) {
    ideal += discounted(grades[rank], rank);
  }
  return ideal > 0 ? gained / ideal : 0;
}

double recall(const RankedIds& ranking, const std::map<std::string, int>& relevant,
              std::size_t depth) {
  const auto end = ranking.begin() + static_cast<std::ptrdiff_t>(std::min(depth, ranking.size()));
  const auto found =
      std::count_if(ranking.begin(), end, [&](const auto& id) { return relevant.contains(id); });
  return static_cast<double>(found) / static_cast<double>(relevant.size());
}

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Comparison paired_bootstrap(const std::vector<double>& ours, const std::vector<double>& theirs) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < ours.size(); ++i) differences.push_back(ours[i] - theirs[i]);
  Comparison comparison;
  comparison.difference = mean(differences);
  if (std::all_of(differences.begin(), differences.end(), [](double d) { return d == 0; })) {
    return comparison;
  }
  // Under the hypothesis that there is none, differences of resamples lie around zero.
  std::mt19937_64 random(20060806);
  std::uniform_int_distribution<std::size_t> pick(0, differences.size() - 1);
  int as_large = 0;
  for (int resample = 0; resample < kResamples; ++resample) {
    double sum = 0;
    for (std::size_t i = 0; i < differences.size(); ++i) {
      sum += differences[pick(random)] - comparison.difference;
    }
    const double chance = sum / static_cast<double>(differences.size());
    if (std::abs(chance) >= std::abs(comparison.difference)) ++as_large;
  }
  comparison.p = static_cast<double>(as_large) / kResamples;
  return comparison;
}

}  // namespace callslip::bench
