// Man pages in roff, with the macros man(7) or mdoc(7): readable text, .SH and .SS as headings.
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
    // Comments and definitions may fill the head; whatever it is, it begins with a request.
    const std::string_view start = trimmed(head);
    if (start.empty() || (start[0] != '.' && start[0] != '\'' && start[0] != '\\')) return false;
    const std::string lines = "\n" + std::string(head);
    for (const std::string_view sign :
         {"\n.TH", "\n.Dd", "\n.Dt", "\n.so ", "\n.\\\"", "\n'\\\""}) {
      if (lines.find(sign) != lines.npos) return true;
    }
    return false;
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
};

}  // namespace

const Parser& man_parser();
const Parser& man_parser() {
  static const ManParser parser;
  return parser;
}

}  // namespace callslip
