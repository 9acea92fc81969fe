// Compares BpeTokenizer, id by id, with what another implementation said: bpe_golden FOLDER, where
// FOLDER is what tests/e2e/vocabularies.mjs wrote. Exit 0 when all are equal.
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "index/tokens/bpe_tokenizer.h"

namespace {

using callslip::BpeTokenizer;

std::string shown(const std::vector<std::uint32_t>& ids) {
  std::string line;
  for (const std::uint32_t id : ids) line.append(" ").append(std::to_string(id));
  return line;
}

int compare(const std::string& folder) {
  std::ifstream golden(folder + "/golden.jsonl");
  if (!golden) {
    std::cerr << "no golden.jsonl in " << folder << "; run tests/e2e/vocabularies.mjs first\n";
    return 2;
  }
  std::map<std::string, std::unique_ptr<BpeTokenizer>> tokenizers;
  int passed = 0;
  int failed = 0;
  for (std::string line; std::getline(golden, line);) {
    const auto entry = nlohmann::json::parse(line);
    const auto name = entry.at("vocabulary").get<std::string>();
    auto& tokenizer = tokenizers[name];
    if (!tokenizer) {
      std::string path = folder;
      path.append("/").append(name);
      auto loaded = BpeTokenizer::load(path);
      if (!loaded) {
        std::cerr << loaded.error().message << '\n';
        return 2;
      }
      tokenizer = std::move(loaded).value();
    }
    const auto text = entry.at("text").get<std::string>();
    const auto expected = entry.at("ids").get<std::vector<std::uint32_t>>();
    const auto actual = tokenizer->encode(text);
    if (actual == expected && tokenizer->count(text) == expected.size()) {
      ++passed;
      continue;
    }
    ++failed;
    std::cerr << name << ": " << entry.at("text").dump() << "\n  expected" << shown(expected)
              << "\n  actual  " << shown(actual) << '\n';
  }
  std::cout << passed << " passed, " << failed << " failed\n";
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: bpe_golden FOLDER\n";
    return 2;
  }
  return compare(argv[1]);
}
