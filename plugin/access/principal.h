// Principal: who speaks, and what that allows. Decided once, where a connection or a request comes
// in; constant from then on. AccessControl::still_admits tells whether it still holds.
//
// Also compiled as C++17.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace callslip {

struct Principal {
  std::string name;        // of the token, for limits and logs; empty: nobody was asked
  bool may_write = false;  // add and remove documents
  /// The collections (first parts of documents' names) that can be seen; null: all.
  std::shared_ptr<const std::vector<std::string>> collections;

  /// What it was let in by: the hash of a token; empty: nothing that could be taken back.
  std::string credential{};
  std::chrono::system_clock::time_point expires{std::chrono::system_clock::time_point::max()};

  /// Who started this process, over stdio or a socket of their own.
  static Principal owner() { return {"owner", true, nullptr}; }
};

}  // namespace callslip
