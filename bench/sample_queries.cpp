#include "bench/sample_queries.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>

namespace callslip::bench {

std::vector<std::string> sample_queries(const Snapshot& snapshot, std::size_t words,
                                        std::size_t count) {
  std::mt19937 random(static_cast<unsigned>(words));
  std::vector<std::string> queries;
  while (queries.size() < count) {
    const DocumentNumber document =
        snapshot.document_of(static_cast<ChunkNumber>(random() % snapshot.chunk_bound()));
    const auto text = snapshot.text(document, 0, snapshot.document(document).text_bytes);
    if (!text) {
      std::cerr << text.error().message << "\n";
      std::exit(1);
    }
    std::size_t at = text->find(' ', random() % (text->size() + 1));
    std::string query;
    for (std::size_t w = 0; w < words && at != std::string::npos; ++w) {
      const std::size_t end = text->find_first_of(" \n", at + 1);
      query.append(*text, at, end - at);
      at = end;
    }
    // A quote would ask for a literal.
    std::replace(query.begin(), query.end(), '"', ' ');
    if (at != std::string::npos) queries.push_back(std::move(query));
  }
  return queries;
}

}  // namespace callslip::bench
