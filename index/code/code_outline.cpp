#include "index/code/code_outline.h"

#include "index/code/brace_outline.h"
#include "index/code/keyword_outline.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::size_t longest_heading = 200;  // bytes, as clean_heading has it

std::vector<Heading> whole_outline(std::string_view text, const CodeSyntax& syntax,
                                   const std::vector<CodeSpan>& spans) {
  switch (syntax.outlining) {
    case Outlining::braces:
      return outline_braces(text, syntax, spans);
    case Outlining::keywords:
      return outline_keywords(text, syntax, spans);
    case Outlining::sections:
      return outline_sections(text);
    case Outlining::none:
      break;
  }
  return {};
}

}  // namespace

std::vector<Heading> outline_code(std::string_view text, const CodeSyntax& syntax,
                                  const std::vector<CodeSpan>& spans) {
  std::vector<Heading> headings = whole_outline(text, syntax, spans);
  // A name of machine-made code may be of any length.
  for (Heading& heading : headings) {
    if (heading.text.size() > longest_heading) {
      heading.text.resize(utf8_floor(heading.text, longest_heading));
    }
  }
  return headings;
}

void outline(ParsedDocument& document) {
  const CodeSyntax& syntax = code_syntax(document.type);
  if (syntax.outlining == Outlining::none) return;
  document.headings =
      outline_code(document.text, syntax, comments_and_strings(document.text, syntax));
}

std::string_view defined_name(std::string_view heading) {
  const std::size_t space = heading.find(' ');
  return space == std::string_view::npos ? heading : heading.substr(space + 1);
}

}  // namespace callslip
