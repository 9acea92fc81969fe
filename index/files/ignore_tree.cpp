#include "index/files/ignore_tree.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "index/files/atomic_file.h"
#include "index/files/git_checkout.h"

namespace callslip {

namespace {

constexpr std::uint64_t max_ignore_file_bytes = std::uint64_t{16} << 20;
constexpr std::string_view git_ignore_name = ".gitignore";
constexpr std::string_view own_ignore_name = ".callslipignore";

}  // namespace

void IgnoreTree::Markers::note(std::string_view name) {
  git = git || name == ".git";
  git_ignore = git_ignore || name == git_ignore_name;
  own_ignore = own_ignore || name == own_ignore_name;
}

IgnoreTree::IgnoreTree(std::string root, Complaint complaint)
    : root_(std::move(root)), complaint_(std::move(complaint)) {
  const auto top = find_checkout(root_);
  in_checkout_ = top && *top != root_ && enter_outer_checkout(*top);
  if (!in_checkout_) git_rules_.shrink(0);
}

/// Loads the rules from the checkout's top down to the root's parent. False when they ignore the
/// root: it was asked for by name, so that checkout has no say about it.
bool IgnoreTree::enter_outer_checkout(const std::string& top) {
  load_exclude_file(top);
  for (std::size_t end = top.size(); end < root_.size();) {
    load(git_rules_, root_.substr(0, end), git_ignore_name);
    end = std::min(root_.find('/', end + 1), root_.size());
    if (git_rules_.match(root_.substr(0, end), true).ignored()) return false;
  }
  return true;
}

void IgnoreTree::enter(const std::string& path, const Markers& markers) {
  marks_.push_back({in_checkout_, own_rules_.size(), git_rules_.size()});
  struct stat status {};
  if (markers.git && ::stat((path + "/.git").c_str(), &status) == 0 &&
      (S_ISDIR(status.st_mode) || S_ISREG(status.st_mode))) {
    git_rules_.push_barrier();
    in_checkout_ = true;
    load_exclude_file(path);
  }
  if (in_checkout_ && markers.git_ignore) load(git_rules_, path, git_ignore_name);
  if (markers.own_ignore) load(own_rules_, path, own_ignore_name);
}

void IgnoreTree::leave() {
  const Mark mark = marks_.back();
  marks_.pop_back();
  in_checkout_ = mark.in_checkout;
  own_rules_.shrink(mark.own_rules);
  git_rules_.shrink(mark.git_rules);
}

IgnoreStack::Verdict IgnoreTree::match(std::string_view path, bool directory) const {
  const IgnoreStack::Verdict own = own_rules_.match(path, directory);
  return own.decided() ? own : git_rules_.match(path, directory);
}

/// Only regular files count, as in git: a link may lead out of the tree.
void IgnoreTree::load(IgnoreStack& stack, const std::string& directory, std::string_view name) {
  const std::string path = directory + "/" + std::string(name);
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) return;
  const Result<std::string> text = read_file(path, max_ignore_file_bytes);
  if (text) {
    const bool below = directory.size() >= root_.size();
    stack.push(directory.size() + 1,
               IgnoreRules::parse(text.value(), below ? path.substr(root_.size() + 1) : path));
  } else if (text.error().kind != ErrorKind::not_found) {
    complaint_(path, "its rules do not apply: " + text.error().message);
  }
}

void IgnoreTree::load_exclude_file(const std::string& top) {
  const std::string path = checkout_exclude_file(top);
  if (path.empty()) return;
  if (const Result<std::string> text = read_file(path, max_ignore_file_bytes); text) {
    git_rules_.push(top.size() + 1, IgnoreRules::parse(text.value(), ".git/info/exclude"));
  }
}

}  // namespace callslip
