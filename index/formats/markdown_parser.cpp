// Markdown (CommonMark's headings): the text is the file's, the outline comes from its headings.
#include <algorithm>
#include <utility>

#include "index/formats/front_matter.h"
#include "index/formats/markdown_inline.h"
#include "index/formats/markdown_outline.h"
#include "index/formats/parser.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

/// Removes an attribute block as Pandoc and kramdown write it: "Heading {#id .class}".
std::string_view without_attributes(std::string_view text) {
  if (!text.ends_with('}')) return text;
  const std::size_t open = text.rfind('{');
  if (open == text.npos || open + 1 >= text.size()) return text;
  const char first = text[open + 1];
  if (first != '#' && first != '.' && first != ':') return text;
  return trimmed(text.substr(0, open));
}

std::string heading_text(std::string_view markup) {
  return clean_heading(strip_markdown_inline(without_attributes(trimmed(markup))));
}

/// Finds the headings line by line, keeping track of the blocks in which there are none: fenced
/// code, HTML comments and verbatim HTML elements.
class MarkdownOutline {
 public:
  MarkdownOutline(std::string_view text, std::size_t start) : text_(text), start_(start) {}

  std::vector<Heading> find() {
    LineScanner lines(text_);
    for (TextLine line; lines.next(line);) {
      if (line.start >= start_) take(line);
    }
    return std::move(headings_);
  }

 private:
  void take(const TextLine& line) {
    if (inside_block(line.text)) return;
    if (line.blank()) {
      paragraph_ = false;
      container_ = false;
      return;
    }
    const std::size_t indent = line.text.find_first_not_of(' ');
    const std::string_view content = trimmed(line.text);
    if (indent > 3 || line.text[indent] == '\t') {
      // Indented code, or the paragraph goes on.
      return;
    }
    if (opens_block(content)) {
      paragraph_ = false;
    } else if (atx(line, content) || setext(line, content) || is_rule(content)) {
      paragraph_ = container_ = false;
    } else if (begins_container(content)) {
      // Lists, quotes, tables, definitions and HTML: an underline after them is a rule.
      paragraph_ = false;
      container_ = true;
    } else if (!paragraph_) {
      paragraph_ = true;
      paragraph_start_ = line.start;
    }
  }

  bool inside_block(std::string_view line) {
    if (!html_end_.empty()) {
      if (ascii_lower(line).find(html_end_) != std::string::npos) html_end_.clear();
      return true;
    }
    if (fence_length_ == 0) return false;
    const std::string_view content = trimmed(line);
    const std::size_t run = leading(content, fence_);
    if (run >= fence_length_ && run == content.size() && line.find_first_not_of(' ') <= 3) {
      fence_length_ = 0;
    }
    return true;
  }

  /// A code fence, or HTML whose content is no Markdown until its end tag.
  bool opens_block(std::string_view content) {
    if (content[0] == '`' || content[0] == '~') {
      const std::size_t run = leading(content, content[0]);
      const bool inline_code =
          content[0] == '`' && content.find('`', run) != std::string_view::npos;
      if (run < 3 || inline_code) return false;
      fence_ = content[0];
      fence_length_ = run;
      return true;
    }
    if (content[0] != '<') return false;
    const std::string lower = ascii_lower(content);
    const auto opens = [&](std::string_view start, std::string_view end) {
      if (!lower.starts_with(start)) return false;
      if (lower.find(end, start.size()) == std::string::npos) html_end_ = end;
      return true;
    };
    if (opens("<!--", "-->")) return true;
    for (const std::string_view name : {"pre", "script", "style", "textarea"}) {
      const std::string start = "<" + std::string(name);
      const bool whole =
          lower.size() == start.size() || lower.find_first_of(" \t>") == start.size();
      if (whole && opens(start, "</" + std::string(name) + ">")) return true;
    }
    return false;
  }

  bool atx(const TextLine& line, std::string_view content) {
    const std::size_t level = leading(content, '#');
    if (level == 0 || level > 6) return false;
    std::string_view text = content.substr(level);
    if (!text.empty() && text[0] != ' ' && text[0] != '\t') return false;
    text = trimmed(text);
    const std::size_t last = text.find_last_not_of('#');
    if (last == text.npos) {
      text = {};
    } else if (text[last] == ' ' || text[last] == '\t') {
      text = text.substr(0, last);
    }
    add(line.start, static_cast<int>(level), text);
    return true;
  }

  bool setext(const TextLine& line, std::string_view content) {
    if (!paragraph_ || container_ || !is_underline(content)) return false;
    add(paragraph_start_, content[0] == '=' ? 1 : 2,
        text_.substr(paragraph_start_, line.start - paragraph_start_));
    return true;
  }

  static bool is_underline(std::string_view content) {
    return (content[0] == '=' || content[0] == '-') &&
           leading(content, content[0]) == content.size();
  }

  static bool is_rule(std::string_view content) {
    if (content[0] != '-' && content[0] != '*' && content[0] != '_') return false;
    const char allowed[] = {content[0], ' ', '\t', '\0'};
    return content.find_first_not_of(allowed) == content.npos &&
           std::count(content.begin(), content.end(), content[0]) >= 3;
  }

  static bool begins_container(std::string_view content) {
    const auto ends_at = [&](std::size_t i) {
      return i >= content.size() || content[i] == ' ' || content[i] == '\t';
    };
    switch (content[0]) {
      case '>':
      case '|':
      case '<':
        return true;
      case '-':
      case '+':
      case '*':
        return ends_at(1);
      case '[':
        return content.find("]:") != content.npos;
      default:
        break;
    }
    const std::size_t digits = std::min(content.find_first_not_of("0123456789"), content.size());
    return digits > 0 && digits <= 9 && digits < content.size() &&
           (content[digits] == '.' || content[digits] == ')') && ends_at(digits + 1);
  }

  void add(std::size_t start, int level, std::string_view markup) {
    if (markup.starts_with("\xEF\xBB\xBF")) markup.remove_prefix(3);
    std::string text = heading_text(markup);
    if (!text.empty()) headings_.push_back({start, level, std::move(text)});
  }

  std::string_view text_;
  std::size_t start_;
  std::vector<Heading> headings_;
  char fence_ = '`';
  std::size_t fence_length_ = 0;  // 0: not inside fenced code
  std::string html_end_;          // what ends the verbatim HTML; empty: not inside any
  bool paragraph_ = false;        // a paragraph that an underline can make a heading
  bool container_ = false;        // inside a list, a quote, ...
  std::size_t paragraph_start_ = 0;
};

std::string title_of(const FrontMatter& front, const std::vector<Heading>& headings) {
  std::string title = clean_heading(front.title);
  if (!title.empty() || headings.empty()) return title;
  const auto top = std::find_if(headings.begin(), headings.end(),
                                [](const Heading& heading) { return heading.level == 1; });
  return top == headings.end() ? headings.front().text : top->text;
}

class MarkdownParser final : public Parser {
 public:
  bool accepts(std::string_view name, std::string_view) const override {
    static constexpr std::string_view extensions =
        " md markdown mdown mkd mkdn mkdown mdwn mdtxt mdx qmd ";
    const std::string extension = file_extension(name);
    return !extension.empty() && extensions.find(" " + extension + " ") != extensions.npos;
  }

  Status parse(std::string_view, std::string bytes, const ParseOptions&,
               const Sink& sink) const override {
    Result<ParsedDocument> document =
        make_text_document(std::move(bytes), "markdown", TextKind::prose);
    if (!document) return document.error();
    const FrontMatter front = read_front_matter(document->text);
    document->headings = markdown_headings(document->text, front.end);
    document->title = title_of(front, document->headings);
    return sink(std::move(*document));
  }
};

}  // namespace

std::vector<Heading> markdown_headings(std::string_view text, std::size_t start) {
  return MarkdownOutline(text, start).find();
}

const Parser& markdown_parser();
const Parser& markdown_parser() {
  static const MarkdownParser parser;
  return parser;
}

}  // namespace callslip
