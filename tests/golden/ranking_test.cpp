// Ranking as a golden file: for each query the wanted document and the rank at which it stood.
// A change of relevance is a diff that a person reads: UPDATE_GOLDEN=1 rewrites the file.
//
// Over the Debian handbook (English, Chinese, Russian), SQLite's documentation (Debian packages
// debian-handbook and sqlite3-doc), and our own sources.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "index/index_writer.h"
#include "index/indexer.h"
#include "tests/unit/scratch_directory.h"
#include "tools/doc_search.h"

namespace callslip {
namespace {

constexpr std::size_t kDeepest = 20;  // a document below it counts as not found: rank 0
const std::string kGolden = std::string(CALLSLIP_SOURCE_DIR) + "/tests/golden/ranking.tsv";

struct Golden {
  std::size_t rank = 0;
  std::string wanted;
  std::string query;
};

std::vector<Golden> load() {
  std::vector<Golden> all;
  std::ifstream file(kGolden);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    all.push_back({std::stoul(line.substr(0, first)), line.substr(first + 1, second - first - 1),
                   line.substr(second + 1)});
  }
  return all;
}

/// The position of the document among the distinct documents of the ranking.
std::size_t rank_of(const DocSearchResult& result, const std::string& wanted) {
  std::vector<std::string> seen;
  for (const FoundChunk& chunk : result.chunks) {
    if (std::find(seen.begin(), seen.end(), chunk.document) != seen.end()) continue;
    seen.push_back(chunk.document);
    if (chunk.document == wanted) return seen.size() <= kDeepest ? seen.size() : 0;
  }
  return 0;
}

TEST(GoldenRanking, IsAsItWas) {
  const std::string handbook = "/usr/share/doc/debian-handbook/html/";
  const std::string source = CALLSLIP_SOURCE_DIR;
  const std::vector<std::string> roots{
      handbook + "en-US", handbook + "zh-CN", handbook + "ru-RU", "/usr/share/doc/sqlite3",
      source + "/index",  source + "/tools",  source + "/plugin"};
  for (const std::string& root : roots) {
    if (!std::filesystem::exists(root)) {
      GTEST_SKIP() << root << " is missing: apt-get install debian-handbook sqlite3-doc";
    }
  }
  const ScratchDirectory scratch;
  auto writer = IndexWriter::open(scratch / "index", {});
  ASSERT_TRUE(writer) << writer.error().message;
  const auto summary = Indexer(**writer, {}).run(roots);
  ASSERT_TRUE(summary) << summary.error().message;
  Library library(std::make_shared<Index>(scratch / "index"));

  std::vector<Golden> golden = load();
  ASSERT_GE(golden.size(), 30U);
  const bool update = std::getenv("UPDATE_GOLDEN") != nullptr;
  std::size_t found = 0;
  for (Golden& entry : golden) {
    DocSearchRequest request;
    request.query = entry.query;
    request.limit = 200;
    request.limit_given = true;
    request.max_tokens = 100'000;
    request.detail = DocSearchRequest::Detail::ids;
    const auto result = DocSearch(library).search(request, {});
    ASSERT_TRUE(result) << result.error().message;
    const std::size_t rank = rank_of(*result, entry.wanted);
    found += rank >= 1 && rank <= 10 ? 1 : 0;
    if (!update) {
      EXPECT_EQ(rank, entry.rank) << entry.query << " -> " << entry.wanted;
    }
    entry.rank = rank;
  }
  EXPECT_GE(found, golden.size() * 9 / 10) << "of " << golden.size() << " in the first 10";
  if (!update) return;
  std::ofstream file(kGolden);
  file << "# rank\twanted document\tquery; UPDATE_GOLDEN=1 golden_tests rewrites the ranks\n";
  for (const Golden& entry : golden) {
    file << entry.rank << '\t' << entry.wanted << '\t' << entry.query << '\n';
  }
}

}  // namespace
}  // namespace callslip
