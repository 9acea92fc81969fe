#include <algorithm>
#include <optional>
#include <unordered_set>

#include "bench/relevance/indexed_collection.h"
#include "bench/relevance/system.h"
#include "tools/doc_search.h"

namespace callslip::bench {
namespace {

class Callslip final : public System {
 public:
  explicit Callslip(bool mend) : mend_(mend) {}

  std::string name() const override { return "Callslip"; }

  void open(const Collection& collection) override {
    collection_ = &collection;
    indexed_.emplace(collection);
  }

  RankedIds rank(const Collection::Query& query) override {
    DocSearchRequest request = request_for(query);
    request.detail = DocSearchRequest::Detail::ids;
    request.max_tokens = 1'000'000;
    RankedIds ids;
    std::unordered_set<std::string> seen;
    do {
      const auto found = need(DocSearch(indexed_->library()).search(request, {}));
      for (const FoundChunk& chunk : found.chunks) {
        std::string id = IndexedCollection::id_of(chunk.document);
        if (seen.insert(id).second) ids.push_back(std::move(id));
      }
      request.cursor = found.next_cursor;
    } while (ids.size() < kDepth && !request.cursor.empty());
    return ids;
  }

  std::string passages(const Collection::Query& query, std::size_t max_tokens) override {
    DocSearchRequest request = request_for(query);
    request.max_tokens = max_tokens;
    return need(DocSearch(indexed_->library()).search(request, {})).text;
  }

 private:
  DocSearchRequest request_for(const Collection::Query& query) const {
    DocSearchRequest request;
    request.query = query.text;
    // Quotation marks would ask for literals; the others do not know them.
    std::replace(request.query.begin(), request.query.end(), '"', ' ');
    request.whole = false;
    request.limit = 200;
    request.limit_given = true;
    request.mend = mend_;
    return request;
  }

  const bool mend_;
  std::optional<IndexedCollection> indexed_;
};

}  // namespace

std::unique_ptr<System> make_callslip(bool mend) { return std::make_unique<Callslip>(mend); }

}  // namespace callslip::bench
