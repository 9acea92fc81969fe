// AsciiDoc: the text is the file's; sections are lines that begin with one to six '='.
#include <utility>

#include "index/formats/markdown_inline.h"
#include "index/formats/parser.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

/// Listings, literals, comments and passthroughs, whose content is not marked up.
bool is_verbatim_fence(std::string_view line) {
  if (line.size() >= 3 && line.starts_with("```")) return true;
  if (line.size() < 4) return false;
  const char c = line[0];
  return (c == '-' || c == '.' || c == '/' || c == '+') && leading(line, c) == line.size();
}

std::vector<Heading> asciidoc_headings(std::string_view text) {
  std::vector<Heading> headings;
  LineScanner lines(text);
  std::string_view fence;  // of the block that is open
  for (TextLine line; lines.next(line);) {
    const std::string_view content = trimmed(line.text);
    if (!fence.empty()) {
      if (content == fence) fence = {};
      continue;
    }
    if (is_verbatim_fence(content)) {
      fence = content[0] == '`' ? content.substr(0, 3) : content;
      continue;
    }
    const std::size_t level = leading(line.text, '=');
    if (level == 0 || level > 6 || level >= line.text.size() || line.text[level] != ' ') continue;
    std::string title = clean_heading(strip_markdown_inline(trimmed(line.text.substr(level))));
    if (!title.empty()) headings.push_back({line.start, static_cast<int>(level), std::move(title)});
  }
  return headings;
}

class AsciidocParser final : public Parser {
 public:
  bool accepts(std::string_view name, std::string_view) const override {
    const std::string extension = file_extension(name);
    return extension == "adoc" || extension == "asciidoc";
  }

  Status parse(std::string_view, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    Result<ParsedDocument> document =
        make_text_document(std::move(bytes), "asciidoc", TextKind::prose);
    if (!document) return document.error();
    document->headings = asciidoc_headings(document->text);
    if (!document->headings.empty()) document->title = document->headings.front().text;
    return sink(std::move(*document));
  }
};

}  // namespace

const Parser& asciidoc_parser();
const Parser& asciidoc_parser() {
  static const AsciidocParser parser;
  return parser;
}

}  // namespace callslip
