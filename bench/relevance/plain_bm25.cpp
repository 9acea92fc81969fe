#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "bench/relevance/plain_words.h"
#include "bench/relevance/system.h"

namespace callslip::bench {
namespace {

constexpr double kK1 = 0.9;
constexpr double kB = 0.4;

using Counts = std::unordered_map<std::string, int>;

Counts count_words(const std::string& text) {
  Counts counts;
  for (std::string& word : plain_words(text)) ++counts[std::move(word)];
  return counts;
}

class PlainBm25 final : public System {
 public:
  std::string name() const override { return "plain BM25"; }

  void open(const Collection& collection) override {
    collection_ = &collection;
    postings_.clear();
    lengths_.clear();
    for (const Article& document : collection.documents) {
      double length = 0;
      for (const auto& [word, count] : count_words(document.title + " " + document.text)) {
        postings_[word].emplace_back(lengths_.size(), count);
        length += count;
      }
      lengths_.push_back(length);
    }
    average_length_ = mean(lengths_);
  }

  RankedIds rank(const Collection::Query& query) override {
    const auto documents = static_cast<double>(lengths_.size());
    std::vector<double> scores(lengths_.size());
    for (const auto& [word, in_query] : count_words(query.text)) {
      const auto found = postings_.find(word);
      if (found == postings_.end()) continue;
      const auto holding = static_cast<double>(found->second.size());
      const double idf = std::log(1 + (documents - holding + 0.5) / (holding + 0.5));
      for (const auto& [document, count] : found->second) {
        const double norm = kK1 * (1 - kB + kB * lengths_[document] / average_length_);
        scores[document] += in_query * idf * count / (count + norm);
      }
    }
    std::vector<std::size_t> order;
    for (std::size_t d = 0; d < scores.size(); ++d) {
      if (scores[d] > 0) order.push_back(d);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    RankedIds ids;
    for (std::size_t i = 0; i < std::min(order.size(), kDepth); ++i) {
      ids.push_back(collection_->documents[order[i]].id);
    }
    return ids;
  }

 private:
  std::unordered_map<std::string, std::vector<std::pair<std::size_t, int>>> postings_;
  std::vector<double> lengths_;
  double average_length_ = 1;
};

}  // namespace

std::unique_ptr<System> make_plain_bm25() { return std::make_unique<PlainBm25>(); }

}  // namespace callslip::bench
