// Checkouts: the git checkouts among what is watched: whether git is at work in one, and which
// files outside of the watched folders say what it ignores.
//
// git holds DIR/index.lock from before the first file that a checkout, a merge or a stash changes
// until after the last. Belongs to one thread.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "index/watch/burst.h"

namespace callslip {

class Checkouts {
 public:
  /// Notes a checkout with this top, if it is one. Returns the path of its exclude file.
  std::optional<std::string> add(const std::string& top);

  /// The top of the checkout that this is the exclude file of; null: of none.
  const std::string* excludes_for(const std::string& path) const;

  /// Whether git changes files that the burst is about.
  bool busy(const Burst& burst) const;

 private:
  std::map<std::string, std::string> locks_;     // by the top
  std::map<std::string, std::string> excludes_;  // tops by the file
};

}  // namespace callslip
