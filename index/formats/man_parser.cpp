// Man pages in roff, with the macros man(7) or mdoc(7): readable text, .SH and .SS as headings.
#include <algorithm>
#include <string>
#include <utility>

#include "index/formats/man_page.h"
#include "index/formats/parser.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

/// "1", "3pm", "n": a section of the manual.
bool is_section(std::string_view extension) {
  if (extension == "man" || extension == "mdoc" || extension == "n") return true;
  return !extension.empty() && extension[0] >= '1' && extension[0] <= '9' && extension.size() <= 8;
}

class ManParser final : public Parser {
 public:
  bool accepts(std::string_view name, std::string_view head) const override {
    if (!is_section(file_extension(name))) return false;
    LineScanner lines(head);
    for (TextLine line; lines.next(line);) {
      if (line.blank()) continue;
      if (line.text.starts_with(".TH") || line.text.starts_with(".Dd")) return true;
      if (line.text.starts_with(".so ") || line.text.starts_with(".Dt")) return true;
      // Before them stand comments and definitions.
      if (line.text[0] == '.' || line.text[0] == '\'') continue;
      if (!in_definition(head.substr(0, line.start))) return false;
    }
    return head.find("\n.\\\"") != head.npos || head.starts_with(".\\\"");
  }

  Status parse(std::string_view name, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    Result<ParsedDocument> source = make_text_document(std::move(bytes), "man", TextKind::prose);
    if (!source) return source.error();
    const std::string_view stem = name.substr(0, name.rfind('.'));
    Result<ParsedDocument> page = read_man_page(source->text, stem);
    if (!page) return page.error();
    page->lossy = source->lossy;
    return sink(std::move(*page));
  }

 private:
  /// Whether a macro's definition is open at the end of the text.
  static bool in_definition(std::string_view text) {
    const std::size_t open = std::max(text.rfind("\n.de") + 1, text.rfind("\n.ig") + 1);
    if (open == 0) return false;
    return text.find("\n..", open) == text.npos;
  }
};

}  // namespace

const Parser& man_parser();
const Parser& man_parser() {
  static const ManParser parser;
  return parser;
}

}  // namespace callslip
