// Plain text: the last resort for whatever is text. No title; underlined headings are found where
// they leave no doubt.
#include <array>
#include <utility>

#include "index/formats/parser.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

bool is_underline(std::string_view line) {
  if (line.size() < 3 || (line[0] != '=' && line[0] != '-')) return false;
  return leading(line, line[0]) == line.size();
}

bool can_be_underlined(std::string_view line) {
  if (line.empty() || line.size() > 300 || line[0] == ' ' || line[0] == '\t') return false;
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || (byte >= '0' && byte <= '9') ||
        ((byte | 0x20U) >= 'a' && (byte | 0x20U) <= 'z')) {
      return true;
    }
  }
  return false;
}

/// A line between blank ones, underlined by exactly as many '=' or '-' as it has characters:
/// anything less strict also finds tables, signatures and diffs.
std::vector<Heading> underlined_headings(std::string_view text) {
  std::vector<Heading> headings;
  LineScanner lines(text);
  std::array<TextLine, 3> last;  // the newest first
  bool candidate = false;        // last[0] underlines last[1]; a blank line must follow
  const auto take = [&] {
    headings.push_back(
        {last[1].start, last[0].text[0] == '=' ? 1 : 2, clean_heading(last[1].text)});
  };
  for (TextLine line; lines.next(line);) {
    if (candidate && line.blank()) take();
    last = {line, last[0], last[1]};
    candidate = is_underline(line.text) && can_be_underlined(last[1].text) && last[2].blank() &&
                count_characters(last[1].text) == line.text.size();
  }
  if (candidate) take();
  return headings;
}

class PlainTextParser final : public Parser {
 public:
  bool accepts(std::string_view, std::string_view) const override { return true; }

  Status parse(std::string_view name, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    const std::string extension = file_extension(name);
    const std::string_view type = extension == "tex" ? "latex" : "text";
    Result<ParsedDocument> document = make_text_document(std::move(bytes), type, TextKind::prose);
    if (!document) return document.error();
    document->headings = underlined_headings(document->text);
    return sink(std::move(*document));
  }
};

}  // namespace

const Parser& plain_text_parser();
const Parser& plain_text_parser() {
  static const PlainTextParser parser;
  return parser;
}

}  // namespace callslip
