#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <unordered_map>

#include "bench/relevance/system.h"

namespace callslip::bench {
namespace {

class RunFiles final : public System {
 public:
  RunFiles(std::string name, std::string folder)
      : name_(std::move(name)), folder_(std::move(folder)) {}

  std::string name() const override { return name_; }

  void open(const Collection& collection) override {
    collection_ = &collection;
    runs_.clear();
    const std::string path = folder_ + "/" + collection.name + ".tsv";
    std::ifstream file(path);
    if (!file) {
      std::cerr << path << ": cannot be opened\n";
      std::exit(1);
    }
    std::unordered_map<std::string, std::vector<std::pair<double, std::string>>> scored;
    for (std::string line; std::getline(file, line);) {
      if (line.empty()) continue;
      std::istringstream fields(line);
      std::string query;
      std::string document;
      std::string field;
      std::string score;
      std::getline(fields, query, '\t');
      std::getline(fields, document, '\t');
      while (std::getline(fields, field, '\t')) score = field;
      scored[query].emplace_back(std::stod(score), document);
    }
    for (auto& [query, documents] : scored) {
      std::stable_sort(documents.begin(), documents.end(),
                       [](const auto& a, const auto& b) { return a.first > b.first; });
      for (const auto& [score, document] : documents) runs_[query].push_back(document);
    }
  }

  RankedIds rank(const Collection::Query& query) override { return runs_[query.id]; }

 private:
  const std::string name_;
  const std::string folder_;
  std::unordered_map<std::string, RankedIds> runs_;
};

}  // namespace

std::unique_ptr<System> make_run_files(std::string name, std::string folder) {
  return std::make_unique<RunFiles>(std::move(name), std::move(folder));
}

}  // namespace callslip::bench
