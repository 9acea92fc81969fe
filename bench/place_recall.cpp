// place_recall INDEX QUESTIONS.tsv [LIMIT]: for each question (question, files, symbols; several
// parted by "|") at which rank doc_search names the place: a chunk of one of the files that holds
// one of the symbols, in its text or its headings. Prints ranks, and the share found in the first
// LIMIT (10). bench/kernel_questions.tsv is for Debian's linux-source-6.1.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "index/index.h"
#include "tools/doc_search.h"

namespace {

using namespace callslip;

std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, mark);) parts.push_back(part);
  return parts;
}

bool is_place(const FoundChunk& chunk, const std::vector<std::string>& files,
              const std::vector<std::string>& symbols) {
  bool file = false;
  for (const std::string& name : files) {
    file = file || chunk.document.ends_with("/" + name);
  }
  if (!file) return false;
  for (const std::string& symbol : symbols) {
    if (chunk.text.find(symbol) != std::string::npos) return true;
    for (const std::string& heading : chunk.headings) {
      if (heading.find(symbol) != std::string::npos) return true;
    }
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: place_recall INDEX QUESTIONS.tsv [LIMIT]\n";
    return 2;
  }
  const std::size_t limit = argc > 3 ? std::stoul(argv[3]) : 10;
  Library library(std::make_shared<Index>(argv[1]));
  const DocSearch search(library);
  std::ifstream questions(argv[2]);
  std::size_t asked = 0;
  std::size_t found = 0;
  for (std::string line; std::getline(questions, line);) {
    const auto fields = split(line, '\t');
    if (fields.size() < 3) continue;
    DocSearchRequest request;
    request.query = fields[0];
    request.whole = false;
    request.limit = limit;
    request.limit_given = true;
    request.max_tokens = 1'000'000;
    const auto result = search.search(request, {});
    if (!result) {
      std::cerr << result.error().message << "\n";
      return 1;
    }
    ++asked;
    std::size_t rank = 0;
    for (std::size_t i = 0; i < result->chunks.size() && rank == 0; ++i) {
      if (is_place(result->chunks[i], split(fields[1], '|'), split(fields[2], '|'))) rank = i + 1;
    }
    if (rank > 0) ++found;
    std::printf("%zu\t%s\n", rank, fields[0].c_str());
  }
  std::printf("found in the first %zu: %zu of %zu (%.0f %%)\n", limit, found, asked,
              asked == 0 ? 0.0 : 100.0 * static_cast<double>(found) / static_cast<double>(asked));
  return 0;
}
