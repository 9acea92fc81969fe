// PathTree: which paths below a root are to be looked at, so that a saved file costs a look at one
// file and not at all of them.
//
// A path that was added stands for itself and for all that is below it. Paths are relative,
// '/'-separated raw bytes; "" is the root. Not thread-safe while it is filled.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace callslip {

class PathTree {
 public:
  void add(std::string_view relative);

  /// Whether this path and everything below it was asked for.
  bool whole() const { return whole_; }
  bool empty() const { return !whole_ && below_.empty(); }

  /// Whether the path, or one above it, was added.
  bool covers(std::string_view relative) const;

  /// What was asked for of the entries of this directory, by name; null: not this one.
  const PathTree* child(std::string_view name) const;
  const std::map<std::string, PathTree, std::less<>>& children() const { return below_; }

 private:
  bool whole_ = false;
  std::map<std::string, PathTree, std::less<>> below_;  // empty where the whole is wanted
};

}  // namespace callslip
