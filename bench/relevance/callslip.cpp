#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "bench/relevance/system.h"
#include "index/index_writer.h"
#include "index/indexer.h"
#include "tools/doc_search.h"

namespace callslip::bench {
namespace {

template <class T>
T need(Result<T> result) {
  if (result) return std::move(result).value();
  std::cerr << result.error().message << "\n";
  std::exit(1);
}

class Callslip final : public System {
 public:
  ~Callslip() override { std::filesystem::remove_all(scratch_); }

  std::string name() const override { return "Callslip"; }

  void open(const Collection& collection) override {
    collection_ = &collection;
    std::filesystem::remove_all(scratch_);
    std::filesystem::create_directories(scratch_);
    const std::string path = scratch_ + "/corpus.jsonl";
    std::ofstream file(path);
    for (const Article& document : collection.documents) {
      file << nlohmann::json{
                  {"_id", document.id}, {"title", document.title}, {"text", document.text}}
           << "\n";
    }
    file.close();
    const auto writer = need(IndexWriter::open(scratch_ + "/index", {}));
    need(Indexer(*writer, {}).run({path}));
    library_ = std::make_unique<Library>(std::make_shared<Index>(scratch_ + "/index"));
  }

  RankedIds rank(const Collection::Query& query) override {
    DocSearchRequest request;
    request.query = words_of(query);
    request.whole = false;
    request.detail = DocSearchRequest::Detail::ids;
    request.limit = 200;
    request.limit_given = true;
    request.max_tokens = 1'000'000;
    RankedIds ids;
    std::unordered_set<std::string> seen;
    do {
      const auto found = need(DocSearch(*library_).search(request, {}));
      for (const FoundChunk& chunk : found.chunks) {
        std::string id = chunk.document.substr(chunk.document.find('#') + 1);
        if (seen.insert(id).second) ids.push_back(std::move(id));
      }
      request.cursor = found.next_cursor;
    } while (ids.size() < kDepth && !request.cursor.empty());
    return ids;
  }

  std::string passages(const Collection::Query& query, std::size_t max_tokens) override {
    DocSearchRequest request;
    request.query = words_of(query);
    request.whole = false;
    request.limit = 200;
    request.limit_given = true;
    request.max_tokens = max_tokens;
    return need(DocSearch(*library_).search(request, {})).text;
  }

 private:
  /// Quotation marks would ask for literals; the others do not know them.
  static std::string words_of(const Collection::Query& query) {
    std::string text = query.text;
    std::replace(text.begin(), text.end(), '"', ' ');
    return text;
  }

  const std::string scratch_ = std::filesystem::temp_directory_path() /
                               ("callslip-relevance-" + std::to_string(getpid()));
  std::unique_ptr<Library> library_;
};

}  // namespace

std::unique_ptr<System> make_callslip() { return std::make_unique<Callslip>(); }

}  // namespace callslip::bench
