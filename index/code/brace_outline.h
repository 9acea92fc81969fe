// Outlines of languages whose definitions are a header and a block in braces. See code_outline.h.
#pragma once

#include <string_view>
#include <vector>

#include "index/code/code_lexer.h"
#include "index/code/code_syntax.h"
#include "index/parsed_document.h"

namespace callslip {

std::vector<Heading> outline_braces(std::string_view text, const CodeSyntax& syntax,
                                    const std::vector<CodeSpan>& spans);

}  // namespace callslip
