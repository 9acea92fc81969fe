// relevance_relaxed DATA: whether doc_search can tell that an answer is not there, and whether
// misspelt words are found.
//
// The first table asks each English collection its own queries and those of the others, whose
// answers it does not have: the share of queries after which a result says `weak` or `missing`, and
// what the best chunk holds of a query (cover_of) at some quantiles. The second changes a letter of
// the longest word of each query (seeded), and measures nDCG@10 with and without correction.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>
#include <random>

#include "bench/relevance/indexed_collection.h"
#include "bench/relevance/measures.h"
#include "bench/relevance/system.h"
#include "tools/doc_search.h"
#include "tools/search_terms.h"

namespace {

using namespace callslip;
using namespace callslip::bench;

constexpr std::size_t kQueries = 200;  // of each collection

std::vector<std::string> some_queries(const Collection& collection) {
  std::vector<std::string> texts;
  const std::size_t every = std::max<std::size_t>(1, collection.queries.size() / kQueries);
  for (std::size_t q = 0; q < collection.queries.size(); q += every) {
    std::string text = collection.queries[q].text;
    std::replace(text.begin(), text.end(), '"', ' ');
    texts.push_back(std::move(text));
  }
  return texts;
}

bool is_english(const Collection& collection) {
  std::size_t ascii = 0;
  std::size_t all = 0;
  for (const Collection::Query& query : collection.queries) {
    all += query.text.size();
    ascii += static_cast<std::size_t>(std::count_if(query.text.begin(), query.text.end(),
                                                    [](unsigned char c) { return c < 0x80; }));
  }
  return ascii * 100 > all * 95;
}

struct Hints {
  std::size_t queries = 0;
  std::size_t weak = 0;
  std::size_t missing = 0;
  std::vector<double> shares;
};

void ask(IndexedCollection& indexed, const std::vector<std::string>& queries, Hints& hints) {
  const auto snapshot = indexed.snapshot();
  for (const std::string& query : queries) {
    DocSearchRequest request;
    request.query = query;
    request.whole = false;
    request.detail = DocSearchRequest::Detail::ids;
    const auto result = need(DocSearch(indexed.library()).search(request, {}));
    ++hints.queries;
    for (const Relaxation& relaxation : result.relaxed) {
      if (relaxation.kind == Relaxation::Kind::weak) ++hints.weak;
      if (relaxation.kind == Relaxation::Kind::missing) ++hints.missing;
    }
    const auto ranking =
        need(rank(*snapshot, search_terms(query, snapshot->languages()), snapshot->living(), 10));
    hints.shares.push_back(
        ranking.top.empty() ? 0 : need(cover_of(*snapshot, query, ranking.top)).share);
  }
}

void print_hints(const std::string& name, const char* whose, Hints& hints) {
  if (hints.queries == 0) return;
  std::sort(hints.shares.begin(), hints.shares.end());
  const auto quantile = [&](double q) {
    return hints.shares[static_cast<std::size_t>(q * static_cast<double>(hints.shares.size() - 1))];
  };
  const auto all = static_cast<double>(hints.queries);
  std::printf("| %s | %s (%zu) | %.3f | %.3f | %.2f | %.2f | %.2f | %.2f | %.2f |\n", name.c_str(),
              whose, hints.queries, static_cast<double>(hints.weak) / all,
              static_cast<double>(hints.missing) / all, quantile(0.02), quantile(0.1),
              quantile(0.5), quantile(0.9), quantile(0.98));
}

/// One letter of the longest word is left out, doubled, exchanged with the next or replaced.
std::string misspelt(const std::string& query, std::mt19937& random) {
  std::size_t best = 0;
  std::size_t longest = 0;
  for (std::size_t at = 0; at < query.size();) {
    std::size_t end = at;
    while (end < query.size() && query[end] >= 'a' && query[end] <= 'z') ++end;
    const bool whole =
        (at == 0 || query[at - 1] == ' ') && (end == query.size() || query[end] == ' ');
    if (whole && end - at > longest) {
      longest = end - at;
      best = at;
    }
    at = end + 1;
  }
  if (longest < 5) return query;
  std::string changed = query;
  const std::size_t at = best + 1 + random() % (longest - 2);
  switch (random() % 4) {
    case 0:
      changed.erase(at, 1);
      break;
    case 1:
      changed.insert(at, 1, changed[at]);
      break;
    case 2:
      std::swap(changed[at], changed[at - 1]);
      break;
    default:
      changed[at] = static_cast<char>('a' + random() % 26);
  }
  return changed;
}

std::vector<double> figures_of(System& system, const std::vector<Collection::Query>& queries) {
  std::vector<double> figures;
  for (const Collection::Query& query : queries) {
    figures.push_back(ndcg(system.rank(query), query.relevant, 10));
  }
  return figures;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: relevance_relaxed DATA\n";
    return 2;
  }
  std::vector<Collection> collections = load_collections(argv[1]);
  std::erase_if(collections, [](const Collection& c) { return !is_english(c); });
  std::printf(
      "| index | queries of | weak | missing | 2 %% | 10 %% | 50 %% | 90 %% | 98 %% |\n"
      "|---|---|---|---|---|---|---|---|---|\n");
  for (const Collection& collection : collections) {
    IndexedCollection indexed(collection);
    Hints own;
    Hints foreign;
    for (const Collection& other : collections) {
      ask(indexed, some_queries(other), &other == &collection ? own : foreign);
    }
    print_hints(collection.name, "its own", own);
    print_hints(collection.name, "others", foreign);
  }
  std::printf(
      "\n| misspelt | as written | one letter changed | corrected | gain | p |\n"
      "|---|---|---|---|---|---|\n");
  for (const Collection& collection : collections) {
    if (!collection.judged) continue;
    std::mt19937 random(5);
    std::vector<Collection::Query> changed = collection.queries;
    for (Collection::Query& query : changed) query.text = misspelt(query.text, random);
    const auto plain = make_callslip(false);
    const auto mending = make_callslip(true);
    plain->open(collection);
    mending->open(collection);
    const auto without = figures_of(*plain, changed);
    const auto with = figures_of(*mending, changed);
    const Comparison gain = paired_bootstrap(with, without);
    std::printf("| %s | %.4f | %.4f | %.4f | %+.4f | %.4f |\n", collection.name.c_str(),
                mean(figures_of(*plain, collection.queries)), mean(without), mean(with),
                gain.difference, gain.p);
  }
  return 0;
}
