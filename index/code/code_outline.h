// CodeOutline: the definitions in a text of code: classes, functions, types, targets.
//
// By the shape of the text, not by its grammar: macros, generated parts and half-written files are
// as good as any. bench/outline_report compares with Universal Ctags. Linear in the text; pure
// functions: any thread.
#pragma once

#include <string_view>
#include <vector>

#include "index/code/code_lexer.h"
#include "index/code/code_syntax.h"
#include "index/parsed_document.h"

namespace callslip {

/// The definitions as headings: "class Foo", and below it "method bar". One begins with the line of
/// its comment, annotation or first word. `spans`: comments_and_strings of the same text.
std::vector<Heading> outline_code(std::string_view text, const CodeSyntax& syntax,
                                  const std::vector<CodeSpan>& spans);

/// Gives a document of code its headings, by its type.
void outline(ParsedDocument& document);

/// The name in a heading of outline_code: "class Foo" is of Foo.
std::string_view defined_name(std::string_view heading);

}  // namespace callslip
