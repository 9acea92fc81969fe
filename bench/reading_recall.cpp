// reading_recall INDEX QA.jsonl [FOREIGN.jsonl]: how well the extractive reader judges.
//
// QA.jsonl: {"question", "evidence": [sentence...]} on documents that INDEX holds. FOREIGN.jsonl:
// questions that they do not answer. Prints the share of questions whose marked evidence is among
// the evidence returned, beside that of doc_search (whose returned text holds it), and how often
// something is "found" for questions of both kinds.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tools/doc_search.h"
#include "tools/extractive_reader.h"
#include "tools/read_chunks.h"

namespace {

using namespace callslip;

std::vector<nlohmann::json> load(const char* path) {
  std::vector<nlohmann::json> records;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) records.push_back(nlohmann::json::parse(line));
  return records;
}

/// One holds the other.
bool overlap(const std::string& a, const std::string& b) {
  return a.find(b) != std::string::npos || b.find(a) != std::string::npos;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: reading_recall INDEX QA.jsonl [FOREIGN.jsonl]\n";
    return 2;
  }
  auto index = std::make_shared<Index>(argv[1]);
  Library library(index);
  ExtractiveReader reader(*index);
  const ReadChunks read(library, reader, {});
  const DocSearch search(library);
  const auto ask = [&](const std::string& question) {
    ReadChunksRequest request;
    request.question = question;
    request.effort = Effort::exhaustive;
    auto result = read.run(request, {});
    if (!result) {
      std::cerr << result.error().message << "\n";
      std::exit(1);
    }
    return std::move(result).value();
  };
  double found = 0;
  double hits = 0;
  double first = 0;
  double searched = 0;
  double sentences = 0;
  const auto records = load(argv[2]);
  for (const auto& record : records) {
    const auto question = record.at("question").get<std::string>();
    const auto result = ask(question);
    found += result.status == ReadChunksResult::Status::found ? 1 : 0;
    sentences += static_cast<double>(result.evidence.size());
    const auto gold = record.at("evidence").get<std::vector<std::string>>();
    const auto is_gold = [&](const std::string& text) {
      return std::any_of(gold.begin(), gold.end(), [&](const auto& g) { return overlap(text, g); });
    };
    hits += std::any_of(result.evidence.begin(), result.evidence.end(),
                        [&](const Evidence& e) { return is_gold(e.text); })
                ? 1
                : 0;
    first += !result.evidence.empty() && is_gold(result.evidence[0].text) ? 1 : 0;
    DocSearchRequest request;
    request.query = question;
    request.whole = false;
    const auto chunks = search.search(request, {});
    if (!chunks) return 1;
    searched += std::any_of(chunks->chunks.begin(), chunks->chunks.end(),
                            [&](const FoundChunk& c) { return is_gold(c.text); })
                    ? 1
                    : 0;
  }
  const auto n = static_cast<double>(records.size());
  std::printf(
      "questions %zu: found %.3f, evidence returned %.3f, as the first %.3f; "
      "doc_search %.3f; %.1f sentences each\n",
      records.size(), found / n, hits / n, first / n, searched / n, sentences / n);
  if (argc < 4) return 0;
  double wrongly = 0;
  const auto foreign = load(argv[3]);
  for (const auto& record : foreign) {
    wrongly +=
        ask(record.at("question").get<std::string>()).status == ReadChunksResult::Status::found ? 1
                                                                                                : 0;
  }
  std::printf("foreign questions %zu: found %.3f\n", foreign.size(),
              wrongly / static_cast<double>(foreign.size()));
  return 0;
}
