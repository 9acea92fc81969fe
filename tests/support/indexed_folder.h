// IndexedFolder: documents written by a test, and the index of them. In a scratch directory that
// goes with it.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "index/index.h"
#include "index/index_writer.h"
#include "index/indexer.h"
#include "tests/unit/scratch_directory.h"
#include "tools/library.h"

namespace callslip::test {

class IndexedFolder {
 public:
  IndexedFolder() { std::filesystem::create_directories(root()); }

  std::string root() const { return scratch_ / "docs"; }
  std::string index_directory() const { return scratch_ / "index"; }

  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = std::filesystem::path(root()) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  void remove(const std::string& name) const {
    std::filesystem::remove_all(std::filesystem::path(root()) / name);
  }

  /// Brings the index up to date; throws what went wrong, to fail the test.
  IndexSummary refresh(IndexerOptions options = {},
                       IndexWriter::Options writer_options = {}) const {
    auto writer = IndexWriter::open(index_directory(), std::move(writer_options));
    if (!writer) throw std::runtime_error(writer.error().message);
    auto summary = Indexer(**writer, options).run({root()});
    if (!summary) throw std::runtime_error(summary.error().message);
    return std::move(summary).value();
  }

  std::shared_ptr<const Snapshot> snapshot() {
    auto snapshot = index_->snapshot();
    if (!snapshot) throw std::runtime_error(snapshot.error().message);
    return *snapshot;
  }

  Library& library() { return library_; }
  Index& index() { return *index_; }

 private:
  ScratchDirectory scratch_;
  std::shared_ptr<Index> index_ = std::make_shared<Index>(index_directory());
  Library library_{index_};
};

/// Words in no order, with a heading now and then: text of any size from a seed.
inline std::string random_prose(unsigned seed, std::size_t words) {
  static const std::vector<std::string> vocabulary{
      "river",   "stone",  "library", "archive", "ledger",  "parse",    "index",     "signal",
      "copper",  "winter", "harbour", "engine",  "theorem", "garden",   "telegraph", "voyage",
      "lantern", "方法",   "数据库",  "图书馆",  "книга",   "читатель", "город"};
  std::string text = "# Part " + std::to_string(seed) + "\n\n";
  unsigned state = seed * 2654435761U + 1;
  for (std::size_t i = 1; i <= words; ++i) {
    state = state * 1664525U + 1013904223U;
    text += vocabulary[(state >> 16) % vocabulary.size()];
    text += i % 97 == 0   ? ".\n\n## Section " + std::to_string(i) + "\n\n"
            : i % 31 == 0 ? ".\n\n"
            : i % 11 == 0 ? ". "
                          : " ";
  }
  return text + "\n";
}

}  // namespace callslip::test
