// IgnoreRules: one ignore file (.gitignore, .git/info/exclude, .callslipignore), read as git does.
// IgnoreStack: those that apply to a directory, from the top down to it.
//
// Rules are immutable once parsed: any thread may call them. A stack belongs to one thread.
// A file below an ignored directory stays ignored whatever later rules say; that is the caller's
// part, who does not enter such a directory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/files/glob.h"

namespace callslip {

struct IgnoreRule {
  std::string text;      // as written, without the end of the line
  std::size_t line = 0;  // from 1
  bool negated = false;  // `!`: what it matches is not ignored
  bool directories_only = false;
  bool base_name = false;  // no slash inside: matches at any depth
  Glob glob;
};

class IgnoreRules {
 public:
  /// `source` is what messages call the file. No text is an error: a rule that git cannot read
  /// matches nothing here either.
  static IgnoreRules parse(std::string_view text, std::string source);

  /// The rule that decides, which is the last one that matches; null when none does.
  /// `relative` is the path below the directory of the file, without a final slash.
  const IgnoreRule* match(std::string_view relative, bool directory) const;

  bool empty() const { return rules_.empty(); }
  const std::string& source() const { return source_; }

 private:
  void add_line(std::string_view line, std::size_t number);

  std::string source_;
  std::vector<IgnoreRule> rules_;
};

class IgnoreStack {
 public:
  /// The rule that decided, and its file; both null when none did.
  struct Verdict {
    const IgnoreRule* rule = nullptr;
    const IgnoreRules* rules = nullptr;

    bool decided() const { return rule != nullptr; }
    bool ignored() const { return rule != nullptr && !rule->negated; }
  };

  /// Adds rules that win over those before. The first `base` bytes of each path given to match()
  /// are the directory of the rules and a slash.
  void push(std::size_t base, IgnoreRules rules);

  /// Hides what is below it: a repository inside another knows nothing of the outer rules.
  void push_barrier();

  std::size_t size() const { return entries_.size(); }
  void shrink(std::size_t size);

  /// Paths have no final slash; pointers live until the stack changes.
  Verdict match(std::string_view path, bool directory) const;

 private:
  struct Entry {
    std::size_t base = 0;
    bool barrier = false;
    IgnoreRules rules;
  };
  std::vector<Entry> entries_;
};

}  // namespace callslip
