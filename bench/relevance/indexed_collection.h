// IndexedCollection: a collection as an index of Callslip, in a scratch folder that goes with it.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "bench/relevance/collection.h"
#include "index/index.h"
#include "tools/library.h"

namespace callslip::bench {

class IndexedCollection {
 public:
  /// Ends the program when it cannot be indexed.
  explicit IndexedCollection(const Collection& collection);
  ~IndexedCollection();
  IndexedCollection(const IndexedCollection&) = delete;
  IndexedCollection& operator=(const IndexedCollection&) = delete;

  Library& library() { return *library_; }
  std::shared_ptr<const Snapshot> snapshot() const;

  /// The collection's id of a document with this name.
  static std::string id_of(std::string_view document_name);

 private:
  std::string scratch_;
  std::shared_ptr<Index> index_;
  std::unique_ptr<Library> library_;
};

/// The value, or the end of the program with the error's message.
template <class T>
T need(Result<T> result) {
  if (result) return std::move(result).value();
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

}  // namespace callslip::bench
