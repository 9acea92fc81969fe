#include "index/files/path_tree.h"

namespace callslip {

void PathTree::add(std::string_view relative) {
  PathTree* at = this;
  while (!relative.empty()) {
    if (at->whole_) return;
    const std::size_t slash = relative.find('/');
    const std::string_view name = relative.substr(0, slash);
    relative.remove_prefix(slash == std::string_view::npos ? relative.size() : slash + 1);
    if (name.empty()) continue;
    auto found = at->below_.find(name);
    if (found == at->below_.end()) found = at->below_.emplace(name, PathTree()).first;
    at = &found->second;
  }
  at->whole_ = true;
  at->below_.clear();
}

bool PathTree::covers(std::string_view relative) const {
  const PathTree* at = this;
  while (!at->whole_) {
    if (relative.empty()) return false;
    const std::size_t slash = relative.find('/');
    at = at->child(relative.substr(0, slash));
    if (at == nullptr) return false;
    relative.remove_prefix(slash == std::string_view::npos ? relative.size() : slash + 1);
  }
  return true;
}

const PathTree* PathTree::child(std::string_view name) const {
  const auto found = below_.find(name);
  return found == below_.end() ? nullptr : &found->second;
}

}  // namespace callslip
