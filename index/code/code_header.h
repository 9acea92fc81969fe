// CodeHeader: what stands before a brace, and what it defines.
//
// Pure functions: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "index/code/code_syntax.h"

namespace callslip {

/// A word or a mark of code. Comments and strings are none.
struct CodeToken {
  std::size_t start = 0;
  std::size_t end = 0;
  bool word = false;  // an identifier or a keyword
};

struct Definition {
  enum class Scope : std::uint8_t {
    container,   // definitions are looked for in it
    body,        // of a function: they are not
    transparent  // like a container, but nothing itself
  };
  Scope scope = Scope::body;
  std::string_view kind;  // empty: it is not a definition
  std::string name;
};

/// `header`: the tokens since the last statement or block. `in_container`: it stands in a class.
Definition read_header(std::string_view text, const std::vector<CodeToken>& header,
                       const CodeSyntax& syntax, bool in_class);

}  // namespace callslip
