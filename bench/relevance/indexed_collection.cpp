#include "bench/relevance/indexed_collection.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "index/index_writer.h"
#include "index/indexer.h"

namespace callslip::bench {

IndexedCollection::IndexedCollection(const Collection& collection) {
  static int number = 0;
  scratch_ = std::filesystem::temp_directory_path() /
             ("callslip-relevance-" + std::to_string(getpid()) + "-" + std::to_string(number++));
  std::filesystem::create_directories(scratch_);
  const std::string path = scratch_ + "/corpus.jsonl";
  std::ofstream file(path);
  for (const Article& document : collection.documents) {
    const nlohmann::json record{
        {"_id", document.id}, {"title", document.title}, {"text", document.text}};
    file << record << "\n";
  }
  file.close();
  const auto writer = need(IndexWriter::open(scratch_ + "/index", {}));
  need(Indexer(*writer, {}).run({path}));
  index_ = std::make_shared<Index>(scratch_ + "/index");
  library_ = std::make_unique<Library>(index_);
}

IndexedCollection::~IndexedCollection() {
  std::error_code ignored;
  std::filesystem::remove_all(scratch_, ignored);
}

std::shared_ptr<const Snapshot> IndexedCollection::snapshot() const {
  return need(index_->snapshot());
}

std::string IndexedCollection::id_of(std::string_view document_name) {
  return std::string(document_name.substr(document_name.find('#') + 1));
}

}  // namespace callslip::bench
