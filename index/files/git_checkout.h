// Where a git checkout begins, and where its private ignore rules are.
//
// Reads the file system only; git itself is not needed. Any thread may call these.
#pragma once

#include <optional>
#include <string>

namespace callslip {

/// The nearest directory at or above `directory` (absolute, without links or a final slash; ""
/// stands for "/") that has a `.git`: a directory, or a file in linked worktrees and submodules.
std::optional<std::string> find_checkout(const std::string& directory);

/// The git directory of a checkout: its `.git`, or where the file of that name leads. Empty when
/// that is nowhere.
std::string checkout_git_directory(const std::string& top);

/// The path of `info/exclude` for a checkout; the file need not exist. Worktrees share it with
/// their repository. Empty when `.git` leads nowhere.
std::string checkout_exclude_file(const std::string& top);

}  // namespace callslip
