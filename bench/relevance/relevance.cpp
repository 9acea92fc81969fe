// relevance DATA [--only NAME]... [--tokens N] [--run NAME=FOLDER]... [--without-peers]
//
// How well doc_search ranks, on every collection below DATA, beside plain BM25, SQLite FTS5 and
// the runs of other programs (FOLDER/COLLECTION.tsv: query-id, corpus-id, score): tables in
// Markdown. nDCG@10 and Recall@100 of documents where there are judgements; where there are
// questions with evidence, the share of those whose evidence is inside N tokens (6000). Differences
// are to plain BM25, with the p-value of a paired bootstrap. docs/RELEVANCE.md says what is
// measured.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <iostream>

#include "bench/relevance/system.h"

namespace {

using namespace callslip::bench;

constexpr double kSaturated = 0.95;  // plain BM25's nDCG, from which on there is little to gain

struct Options {
  std::string data;
  std::vector<std::string> only;
  std::size_t tokens = 6000;
  std::vector<std::pair<std::string, std::string>> runs;
  bool peers = true;
};

[[noreturn]] void usage() {
  std::cerr << "usage: relevance DATA [--only NAME]... [--tokens N] [--run NAME=FOLDER]... "
               "[--without-peers]\n";
  std::exit(2);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool more = i + 1 < argc;
    if (word == "--only" && more) {
      options.only.emplace_back(argv[++i]);
    } else if (word == "--tokens" && more) {
      options.tokens = std::stoul(argv[++i]);
    } else if (word == "--run" && more) {
      const std::string run = argv[++i];
      options.runs.emplace_back(run.substr(0, run.find('=')), run.substr(run.find('=') + 1));
    } else if (word == "--without-peers") {
      options.peers = false;
    } else if (options.data.empty() && !word.starts_with("--")) {
      options.data = word;
    } else {
      usage();
    }
  }
  if (options.data.empty()) usage();
  return options;
}

/// The figures of a system on a collection, by query.
struct Figures {
  std::vector<double> ndcg;
  std::vector<double> recall;
  std::vector<double> evidence;  // 1: all of it came back
};

/// Where a line was broken does not matter.
std::string without_space(std::string text) {
  std::erase_if(text, [](unsigned char c) { return std::isspace(c) != 0; });
  return text;
}

double holds_all(const std::string& text, const std::vector<std::string>& evidence) {
  const std::string joined = without_space(text);
  return std::all_of(evidence.begin(), evidence.end(),
                     [&](const std::string& sentence) {
                       return joined.find(without_space(sentence)) != std::string::npos;
                     })
             ? 1
             : 0;
}

Figures measure(System& system, const Collection& collection, const Options& options) {
  system.open(collection);
  Figures figures;
  for (const Collection::Query& query : collection.queries) {
    if (!collection.judged) {
      figures.evidence.push_back(holds_all(system.passages(query, options.tokens), query.evidence));
      continue;
    }
    const RankedIds ranking = system.rank(query);
    figures.ndcg.push_back(ndcg(ranking, query.relevant, 10));
    figures.recall.push_back(recall(ranking, query.relevant, kDepth));
  }
  return figures;
}

std::string percent(double ours, double theirs) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.1f %%", theirs > 0 ? 100 * (ours / theirs - 1) : 0);
  return text;
}

using Systems = std::vector<std::unique_ptr<System>>;

/// Figures of each system, the baseline first, ours last.
using Row = std::pair<const Collection*, std::vector<Figures>>;

void print_heading(const std::string& first, const Systems& systems) {
  std::printf("\n| %s |", first.c_str());
  for (const auto& system : systems) std::printf(" %s |", system->name().c_str());
  std::printf(" difference | p |\n|---|");
  for (std::size_t i = 0; i < systems.size() + 2; ++i) std::printf("---|");
  std::printf("\n");
}

void print_rows(const std::vector<Row>& rows, std::vector<double> Figures::*measure,
                bool saturation) {
  std::vector<double> means(rows.empty() ? 0 : rows.front().second.size());
  int counted = 0;
  for (const auto& [collection, figures] : rows) {
    const auto& theirs = figures.front().*measure;
    const auto& ours = figures.back().*measure;
    const bool saturated = saturation && mean(figures.front().ndcg) >= kSaturated;
    std::printf("| %s (%zu / %zu)%s |", collection->name.c_str(), collection->documents.size(),
                collection->queries.size(), saturated ? " *" : "");
    for (std::size_t s = 0; s < figures.size(); ++s) {
      std::printf(" %.4f |", mean(figures[s].*measure));
      if (!saturated) means[s] += mean(figures[s].*measure);
    }
    if (!saturated) ++counted;
    const Comparison comparison = paired_bootstrap(ours, theirs);
    std::printf(" %+.4f | %.4f |\n", comparison.difference, comparison.p);
  }
  if (counted == 0) return;
  std::printf("| mean%s |", saturation ? " without *" : "");
  for (const double sum : means) std::printf(" %.4f |", sum / counted);
  std::printf(" %s | |\n", percent(means.back(), means.front()).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  Systems systems;
  systems.push_back(make_plain_bm25());
  if (options.peers) systems.push_back(make_fts5());
  for (const auto& [name, folder] : options.runs) systems.push_back(make_run_files(name, folder));
  systems.push_back(make_callslip());

  const std::vector<Collection> collections = load_collections(options.data);
  std::vector<Row> judged;
  std::vector<Row> questions;
  for (const Collection& collection : collections) {
    if (!options.only.empty() && std::find(options.only.begin(), options.only.end(),
                                           collection.name) == options.only.end()) {
      continue;
    }
    std::cerr << collection.name << "\n";
    Row row{&collection, {}};
    for (const auto& system : systems) {
      row.second.push_back(measure(*system, collection, options));
    }
    (collection.judged ? judged : questions).push_back(std::move(row));
  }
  if (!judged.empty()) {
    print_heading("nDCG@10 (documents / queries)", systems);
    print_rows(judged, &Figures::ndcg, true);
    print_heading("Recall@100", systems);
    print_rows(judged, &Figures::recall, true);
    std::printf("\n\\* saturated: plain BM25 has an nDCG@10 of %.2f or more\n", kSaturated);
  }
  if (!questions.empty()) {
    print_heading("evidence inside " + std::to_string(options.tokens) + " tokens", systems);
    print_rows(questions, &Figures::evidence, false);
  }
  return 0;
}
