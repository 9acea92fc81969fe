// relevance_run INDEX QUERIES.jsonl: ranks the documents of an index for each query and prints a
// run file (query-id, corpus-id, score): a document scores as its best chunk does. The index holds
// one JSONL collection; ../shared/data/eval.py --score reads what is printed.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_set>

#include "index/analyzer.h"
#include "index/index.h"
#include "index/ranker.h"

int main(int argc, char** argv) {
  using namespace callslip;
  if (argc < 3) {
    std::cerr << "usage: relevance_run INDEX QUERIES.jsonl [K1 B]\n";
    return 2;
  }
  Index index(argv[1]);
  const auto opened = index.snapshot();
  if (!opened) {
    std::cerr << opened.error().message << "\n";
    return 1;
  }
  const Snapshot& snapshot = **opened;
  Bm25 parameters;
  if (argc > 4) parameters = {std::stod(argv[3]), std::stod(argv[4])};
  std::ifstream queries(argv[2]);
  constexpr std::size_t kChunks = 3000;
  constexpr std::size_t kDocuments = 1000;
  for (std::string line; std::getline(queries, line);) {
    const auto query = nlohmann::json::parse(line);
    std::vector<WeightedTerm> terms;
    for (QueryTerm& term : query_terms(query.at("text").get<std::string>(), snapshot.languages())) {
      terms.push_back({std::move(term.term), term.weight(), term.word});
    }
    const auto ranking = rank(snapshot, terms, snapshot.living(), kChunks, parameters);
    if (!ranking) {
      std::cerr << ranking.error().message << "\n";
      return 1;
    }
    std::unordered_set<DocumentNumber> seen;
    for (const RankedChunk& chunk : ranking->top) {
      const DocumentNumber document = snapshot.document_of(chunk.chunk);
      if (!seen.insert(document).second) continue;
      const std::string_view name = snapshot.name(document);
      std::printf("%s\t%s\t%.6f\n", query.at("_id").get<std::string>().c_str(),
                  std::string(name.substr(name.find('#') + 1)).c_str(),
                  static_cast<double>(chunk.score));
      if (seen.size() == kDocuments) break;
    }
  }
  return 0;
}
