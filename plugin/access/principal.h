// Principal: who speaks, and what that allows. Decided once, where a connection or a request comes
// in; constant from then on.
//
// Also compiled as C++17.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace callslip {

struct Principal {
  std::string name;        // of the token, for limits and logs; empty: nobody was asked
  bool may_write = false;  // add and remove documents
  /// The collections (first parts of documents' names) that can be seen; null: all.
  std::shared_ptr<const std::vector<std::string>> collections;

  /// Who started this process, over stdio or a socket of their own.
  static Principal owner() { return {"owner", true, nullptr}; }
};

}  // namespace callslip
