// IgnoreTree: the ignore files in force while a tree is walked, as its directories are entered and
// left.
//
// .callslipignore decides first, then git's files. Those count only inside a checkout, from its
// top down, also above the root; a repository inside another follows its own alone.
// Belongs to one thread. Reads small files; never fails: what cannot be read is complained of.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "index/files/ignore_rules.h"

namespace callslip {

class IgnoreTree {
 public:
  /// Which names that matter are in a directory.
  struct Markers {
    bool git = false;         // .git
    bool git_ignore = false;  // .gitignore
    bool own_ignore = false;  // .callslipignore
    void note(std::string_view name);
  };
  /// Told of ignore files whose rules cannot be had: their path (raw bytes), and why.
  using Complaint = std::function<void(const std::string& path, const std::string& reason)>;

  /// `root` is absolute and without links; "" stands for "/", here and below.
  IgnoreTree(std::string root, Complaint complaint);

  /// The directory, the root first, is now the current one.
  void enter(const std::string& path, const Markers& markers);
  void leave();

  /// For a path in the current directory.
  IgnoreStack::Verdict match(std::string_view path, bool directory) const;

 private:
  struct Mark {
    bool in_checkout = false;
    std::size_t own_rules = 0;  // the stacks' sizes without the directory's rules
    std::size_t git_rules = 0;
  };

  bool enter_outer_checkout(const std::string& top);
  void load(IgnoreStack& stack, const std::string& directory, std::string_view name);
  void load_exclude_file(const std::string& top);

  std::string root_;
  Complaint complaint_;
  bool in_checkout_ = false;
  IgnoreStack own_rules_;
  IgnoreStack git_rules_;
  std::vector<Mark> marks_;  // one a directory entered
};

}  // namespace callslip
