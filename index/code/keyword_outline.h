// Outlines of languages whose definitions are told by a word at the beginning of a line, and end
// where the indentation does; and of files in sections. See code_outline.h.
#pragma once

#include <string_view>
#include <vector>

#include "index/code/code_lexer.h"
#include "index/code/code_syntax.h"
#include "index/parsed_document.h"

namespace callslip {

std::vector<Heading> outline_keywords(std::string_view text, const CodeSyntax& syntax,
                                      const std::vector<CodeSpan>& spans);

/// Headings of "[name]" lines.
std::vector<Heading> outline_sections(std::string_view text);

}  // namespace callslip
