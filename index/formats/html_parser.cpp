// HTML and XHTML: the readable text of a page, its title and its headings.
#include "index/formats/html_parser.h"

#include <gumbo.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "index/formats/html_filter.h"
#include "index/formats/html_text.h"
#include "index/formats/html_tree.h"
#include "index/formats/parser.h"
#include "index/formats/text_document.h"
#include "index/text/encoding.h"

namespace callslip {
namespace {

constexpr std::size_t max_bytes = std::size_t{32} * 1024 * 1024;
// Each costs about 400 bytes with its text: 0.8 GB and 8 s at the very worst, measured.
constexpr std::size_t max_elements = 2'000'000;

bool starts_with_word(std::string_view text, std::string_view lower_word) {
  if (ascii_lower(text.substr(0, lower_word.size())) != lower_word) return false;
  const std::string_view rest = text.substr(lower_word.size());
  return rest.empty() || rest[0] == '>' || rest.find_first_of(" \t\r\n\f") == 0;
}

/// What is left behind BOM, whitespace, comments and processing instructions.
std::string_view skip_prologue(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  while (true) {
    head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n\f"), head.size()));
    std::string_view end;
    if (head.starts_with("<!--")) {
      end = "-->";
    } else if (head.starts_with("<?xml")) {
      end = "?>";
    } else {
      return head;
    }
    const std::size_t found = head.find(end);
    if (found == head.npos) return {};
    head.remove_prefix(found + end.size());
  }
}

bool is_xhtml(std::string_view name, std::string_view text) {
  const std::string extension = file_extension(name);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return extension == "xhtml" || extension == "xht" ||
         trimmed(text.substr(0, 256)).starts_with("<?xml");
}

/// gumbo's tree of `markup`, which must outlive it.
using Tree = std::unique_ptr<GumboOutput, void (*)(GumboOutput*)>;

Tree parse_markup(std::string_view markup) {
  GumboOptions options = kGumboDefaultOptions;
  options.max_errors = 0;  // nobody reads them, and a bad page has one per tag
  return {gumbo_parse_with_options(&options, markup.data(), markup.size()),
          [](GumboOutput* output) { gumbo_destroy_output(&kGumboDefaultOptions, output); }};
}

/// Leaves out what stands around the main content (headers, footers, sidebars), where the page says
/// what that is, and where it is not just a part of the content: its top heading must not be
/// outside.
void take_main_content(const GumboNode& document, HtmlText& page) {
  constexpr std::size_t least = 200;
  const GumboNode* content = main_content(document);
  if (content == nullptr || (has_top_heading(document) && !has_top_heading(*content))) return;
  HtmlText inner = extract_html_text(*content, false);
  if (inner.text.size() < least) return;
  inner.title = std::move(page.title);
  page = std::move(inner);
}

std::string title_of(const HtmlText& page) {
  std::string title = clean_heading(page.title);
  if (!title.empty()) return title;
  for (const Heading& heading : page.headings) {
    if (heading.level == 1) return heading.text;
  }
  return {};
}

class HtmlParser final : public Parser {
 public:
  bool accepts(std::string_view name, std::string_view head) const override {
    const std::string extension = file_extension(name);
    for (const std::string_view known : {"html", "htm", "xhtml", "xht", "shtml"}) {
      if (extension == known) return true;
    }
    return looks_like_html(head);
  }

  Status parse(std::string_view name, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    Result<ParsedDocument> document = read_html(std::move(bytes), name);
    if (!document) return document.error();
    return sink(std::move(*document));
  }
};

}  // namespace

Result<ParsedDocument> read_html(std::string bytes, std::string_view name,
                                 std::string_view charset) {
  const Error too_large{ErrorKind::unsupported, "HTML larger than 32 MiB"};
  if (bytes.size() > max_bytes) return too_large;
  std::string declared(charset);
  if (declared.empty()) declared = declared_encoding(bytes);
  Result<ParsedDocument> document =
      make_text_document(std::move(bytes), "html", TextKind::prose, declared);
  if (!document) return document.error();
  const FilteredHtml filtered = filter_html(document->text, is_xhtml(name, document->text));
  if (filtered.elements > max_elements) {
    return Error{ErrorKind::unsupported, "HTML with more than 2,000,000 elements"};
  }
  const Tree tree = parse_markup(filtered.markup);
  HtmlText page = extract_html_text(*tree->document, false);
  take_main_content(*tree->document, page);
  if (page.text.empty()) page = extract_html_text(*tree->document, true);
  document->title = title_of(page);
  document->text = std::move(page.text);
  document->headings = std::move(page.headings);
  document->extracted = true;
  return document;
}

bool looks_like_html(std::string_view head) {
  const std::string_view start = skip_prologue(head);
  if (starts_with_word(start, "<html")) return true;
  constexpr std::string_view doctype = "<!doctype";
  if (!starts_with_word(start, doctype)) return false;
  return starts_with_word(
      start.substr(std::min(start.find_first_not_of(" \t\r\n\f", doctype.size()), start.size())),
      "html");
}

const Parser& html_parser();
const Parser& html_parser() {
  static const HtmlParser parser;
  return parser;
}

}  // namespace callslip
