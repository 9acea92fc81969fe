// DocumentTree: a folder of random documents that changes from step to step, and what it holds.
//
// Deterministic from its seed. Belongs to one thread.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>

#include "index/index.h"

namespace callslip::testing_support {

/// Name below the root -> bytes.
using Texts = std::map<std::string, std::string>;

class DocumentTree {
 public:
  DocumentTree(std::string root, unsigned seed, int files) : root_(std::move(root)), random_(seed) {
    for (int i = 0; i < files; ++i) add();
  }

  const Texts& texts() const { return texts_; }

  /// Adds, changes and removes a few files each.
  void change(int count) {
    for (int i = 0; i < count; ++i) {
      add();
      put(any(), text());
      const std::string gone = any();
      std::filesystem::remove(root_ + "/" + gone);
      texts_.erase(gone);
    }
  }

 private:
  void add() {
    put("d" + std::to_string(random_() % 7) + "/f" + std::to_string(next_++) + ".md", text());
  }
  void put(const std::string& name, const std::string& bytes) {
    const std::filesystem::path path = root_ + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    texts_[name] = bytes;
  }
  std::string any() {
    auto it = texts_.begin();
    std::advance(it, random_() % texts_.size());
    return it->first;
  }
  std::string text() {
    std::string out = "# Part " + std::to_string(random_()) + "\n\n";
    const int words = 50 + static_cast<int>(random_() % 600);
    for (int i = 0; i < words; ++i) {
      out += "word" + std::to_string(random_() % 2000) + (i % 14 == 13 ? ".\n" : " ");
    }
    return out + "heron\n";
  }

  std::string root_;
  std::mt19937 random_;
  int next_ = 0;
  Texts texts_;
};

/// What an index holds of a root; its problem under the name "" when it cannot be read.
inline Texts texts_in(const std::string& index_directory, const std::string& root_name) {
  Texts texts;
  Index index(index_directory);
  const auto opened = index.snapshot();
  if (!opened) return {{"", opened.error().message}};
  const Snapshot& snapshot = **opened;
  for (const DocumentNumber document : snapshot.documents_by_name()) {
    const std::string name(snapshot.name(document));
    if (!name.starts_with(root_name + "/")) continue;
    std::string all;
    const ChunkRange range = snapshot.chunks_of(document);
    for (ChunkNumber chunk = range.first; chunk < range.last; ++chunk) {
      auto text = snapshot.chunk_text(chunk);
      if (!text) return {{"", text.error().message}};
      all += *text;
    }
    // Two living documents of one name would show as a text that is nobody's.
    texts[name.substr(root_name.size() + 1)] += all;
  }
  return texts;
}

}  // namespace callslip::testing_support
