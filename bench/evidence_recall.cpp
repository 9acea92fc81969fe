// evidence_recall INDEX QUESTIONS.jsonl [MAX_TOKENS]: how often a question's evidence is inside the
// budget, by tool. low_overlap.py makes the questions: {"set", "question", "evidence"}.
//
// An oracle stands for the model: it says the marked evidence of each passage that holds some, and
// nothing else, so that its row is what reading every chunk can reach, not what a model does reach.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/doc_search.h"
#include "tools/extractive_reader.h"
#include "tools/pack_judge.h"
#include "tools/read_chunks.h"

namespace {

using namespace callslip;

class OracleReader final : public Reader {
 public:
  void wants(std::vector<std::string> evidence) { evidence_ = std::move(evidence); }

  std::string name() const override { return "oracle"; }
  std::string identity() const override { return "oracle"; }

  ReaderUsage read(const std::string&, PassageSource& source, std::uint64_t, const CallContext&,
                   const OnVerdict& on_verdict) override {
    while (const auto passage = source.next()) {
      std::vector<std::string> held;
      for (const std::string& sentence : evidence_) {
        if (passage->text.find(sentence) != std::string::npos) held.push_back(sentence);
      }
      on_verdict(passage->number, judge_quotes(*passage, held));
    }
    return {};
  }
  ReaderPlan plan(const std::string&, PassageSource&) const override { return {}; }
  Result<std::string> answer(const PreparedQuestion&, std::span<const Passage>, const CallContext&,
                             ReaderUsage&) override {
    return Error{ErrorKind::unsupported, "an oracle writes no answers"};
  }
  Result<PreparedQuestion> prepare(const std::string&, std::span<const std::string>,
                                   const CallContext&, ReaderUsage&) override {
    return Error{ErrorKind::unsupported, "an oracle prepares no questions"};
  }

 private:
  std::vector<std::string> evidence_;
};

struct Tally {
  double all = 0;  // of the evidence is inside
  double any = 0;
};

/// Counts a question by the text that came back for it.
void count(Tally& tally, const std::string& text, const std::vector<std::string>& evidence) {
  const auto inside = [&text](const std::string& sentence) {
    return text.find(sentence) != std::string::npos;
  };
  tally.all += std::all_of(evidence.begin(), evidence.end(), inside) ? 1 : 0;
  tally.any += std::any_of(evidence.begin(), evidence.end(), inside) ? 1 : 0;
}

template <class T>
T need(Result<T> result) {
  if (result) return std::move(result).value();
  std::cerr << result.error().message << "\n";
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: evidence_recall INDEX QUESTIONS.jsonl [MAX_TOKENS]\n";
    return 2;
  }
  const std::size_t max_tokens = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 6000;
  auto index = std::make_shared<Index>(argv[1]);
  Library library(index);
  ExtractiveReader extractive(*index);
  OracleReader oracle;
  const DocSearch search(library);
  const auto read = [&](Reader& reader, const std::string& question) {
    ReadChunksRequest request;
    request.question = question;
    request.effort = Effort::exhaustive;
    request.max_tokens = max_tokens;
    return need(ReadChunks(library, reader, {}).run(request, {})).text;
  };
  std::map<std::string, std::map<std::string, Tally>> tallies;
  std::map<std::string, double> questions;
  std::ifstream file(argv[2]);
  for (std::string line; std::getline(file, line);) {
    const auto record = nlohmann::json::parse(line);
    const auto set = record.at("set").get<std::string>();
    const auto question = record.at("question").get<std::string>();
    const auto evidence = record.at("evidence").get<std::vector<std::string>>();
    oracle.wants(evidence);
    DocSearchRequest request;
    request.query = question;
    request.whole = false;
    request.limit = 200;
    request.limit_given = true;
    request.max_tokens = max_tokens;
    ++questions[set];
    count(tallies[set]["doc_search"], need(search.search(request, {})).text, evidence);
    count(tallies[set]["read_chunks, extractive"], read(extractive, question), evidence);
    count(tallies[set]["read_chunks, oracle"], read(oracle, question), evidence);
  }
  std::printf("| questions | tool | all evidence inside %zu tokens | some |\n|---|---|---|---|\n",
              max_tokens);
  for (const auto& [set, tools] : tallies) {
    for (const auto& [tool, tally] : tools) {
      std::printf("| %s (%.0f) | %s | %.3f | %.3f |\n", set.c_str(), questions[set], tool.c_str(),
                  tally.all / questions[set], tally.any / questions[set]);
    }
  }
  return 0;
}
