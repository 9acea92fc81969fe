// relevance_sweep DATA [--queries N]: which parameters of the ranking are best, and whether that
// holds for collections that did not choose them.
//
// Tries every combination of a grid on each collection (at most N queries of each, 300; nDCG@10).
// For each collection the combination is chosen that is best on the mean of the others, and
// measured on it: leave-one-out cross-validation. Then the combinations that are best on all.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <numeric>
#include <unordered_set>

#include "bench/relevance/indexed_collection.h"
#include "bench/relevance/measures.h"
#include "bench/relevance/system.h"
#include "tools/search_terms.h"

namespace {

using namespace callslip;
using namespace callslip::bench;

struct Setting {
  Bm25 bm25;
  WordWeights words;

  std::string text() const {
    char line[128];
    std::snprintf(line, sizeof line, "%.1f | %.2f | %.1f | %.1f | %.1f", bm25.k1, bm25.b,
                  bm25.k1_unspaced, words.question, words.function);
    return line;
  }
};

std::vector<Setting> grid() {
  std::vector<Setting> settings;
  for (const double k1 : {0.9, 1.2, 1.5, 2.0}) {
    for (const double b : {0.4, 0.6, 0.75, 0.8, 0.9}) {
      for (const double k1_unspaced : {0.5, 0.8, 1.2}) {
        for (const double question : {0.0, 0.3, 1.0}) {
          for (const double function : {0.3, 0.7, 1.0}) {
            settings.push_back({{k1, b, k1_unspaced}, {question, function}});
          }
        }
      }
    }
  }
  return settings;
}

double measure(const Collection& collection, const Snapshot& snapshot, const Setting& setting,
               std::size_t queries) {
  const std::size_t every = std::max<std::size_t>(1, collection.queries.size() / queries);
  std::vector<double> figures;
  for (std::size_t q = 0; q < collection.queries.size(); q += every) {
    const Collection::Query& query = collection.queries[q];
    const auto ranking =
        need(rank(snapshot, search_terms(query.text, snapshot.languages(), setting.words),
                  snapshot.living(), 50, setting.bm25));
    RankedIds ids;
    std::unordered_set<DocumentNumber> seen;
    for (const RankedChunk& chunk : ranking.top) {
      const DocumentNumber document = snapshot.document_of(chunk.chunk);
      if (!seen.insert(document).second) continue;
      ids.push_back(IndexedCollection::id_of(snapshot.name(document)));
    }
    figures.push_back(ndcg(ids, query.relevant, 10));
  }
  return mean(figures);
}

/// By collection, of one setting.
using Row = std::vector<double>;

double mean_without(const Row& row, std::size_t left_out) {
  double sum = 0;
  for (std::size_t i = 0; i < row.size(); ++i) sum += i == left_out ? 0 : row[i];
  return sum / static_cast<double>(row.size() - (left_out < row.size() ? 1 : 0));
}

/// Settings by their mean, the best first; ties as in the grid.
std::vector<std::size_t> best_first(const std::vector<Row>& rows, std::size_t left_out) {
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return mean_without(rows[a], left_out) > mean_without(rows[b], left_out);
  });
  return order;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && !(argc == 4 && std::string(argv[2]) == "--queries")) {
    std::cerr << "usage: relevance_sweep DATA [--queries N]\n";
    return 2;
  }
  const std::size_t queries = argc == 4 ? std::stoul(argv[3]) : 300;
  std::vector<Collection> collections = load_collections(argv[1]);
  std::erase_if(collections, [](const Collection& collection) { return !collection.judged; });
  std::vector<Setting> settings = grid();
  settings.emplace_back();  // what is built in
  std::vector<Row> rows(settings.size());
  std::vector<std::string> names;
  for (const Collection& collection : collections) {
    std::cerr << collection.name << "\n";
    names.push_back(collection.name);
    const IndexedCollection indexed(collection);
    const auto snapshot = indexed.snapshot();
    for (std::size_t s = 0; s < settings.size(); ++s) {
      rows[s].push_back(measure(collection, *snapshot, settings[s], queries));
    }
  }

  std::printf(
      "| left out | k1 | b | k1 unspaced | question words | function words | nDCG@10 there | "
      "built in |\n|---|---|---|---|---|---|---|---|\n");
  double crossed = 0;
  for (std::size_t c = 0; c < names.size(); ++c) {
    const std::size_t chosen = best_first(rows, c).front();
    crossed += rows[chosen][c];
    std::printf("| %s | %s | %.4f | %.4f |\n", names[c].c_str(), settings[chosen].text().c_str(),
                rows[chosen][c], rows.back()[c]);
  }
  std::printf("| mean | | | | | | %.4f | %.4f |\n", crossed / static_cast<double>(names.size()),
              mean(rows.back()));

  std::printf(
      "\n| best on all | k1 | b | k1 unspaced | question words | function words | mean |\n"
      "|---|---|---|---|---|---|---|\n");
  const auto order = best_first(rows, names.size());
  for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 10); ++i) {
    std::printf("| %zu | %s | %.4f |\n", i + 1, settings[order[i]].text().c_str(),
                mean(rows[order[i]]));
  }
  std::printf("| built in | %s | %.4f |\n", settings.back().text().c_str(), mean(rows.back()));
  return 0;
}
