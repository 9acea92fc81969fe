// CodeLexer: where a text of code is comment or string: prose, to those who read it.
//
// Linear in the text, whatever it holds; pure functions: any thread. What is not closed ends with
// its line, or with the text where it may go on over lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "index/code/code_syntax.h"

namespace callslip {

struct CodeSpan {
  enum class Kind : std::uint8_t { comment, string };
  std::size_t start = 0;
  std::size_t end = 0;
  Kind kind = Kind::comment;
};

/// Ascending, disjoint; with their marks and quotes.
std::vector<CodeSpan> comments_and_strings(std::string_view text, const CodeSyntax& syntax);

}  // namespace callslip
