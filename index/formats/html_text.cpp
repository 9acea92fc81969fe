#include "index/formats/html_text.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "index/formats/html_tree.h"
#include "index/formats/list_number.h"
#include "index/formats/text_builder.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

class HtmlExtractor {
 public:
  explicit HtmlExtractor(bool with_navigation) : with_navigation_(with_navigation) {}

  HtmlText extract(const GumboNode& root) {
    walk(
        root, [&](const GumboNode& node) { return enter(node); },
        [&](const GumboNode& node) { leave(node); });
    result_.text = builder_.take();
    return std::move(result_);
  }

 private:
  bool enter(const GumboNode& node) {
    if (is_text(node)) {
      const std::string_view text = node.v.text.text;
      if (preformatted_ > 0 && !builder_.is_one_line()) {
        builder_.verbatim(text);
      } else {
        builder_.text(text);
      }
      return false;
    }
    const GumboTag tag = tag_of(node);
    switch (tag) {
      case GUMBO_TAG_TITLE:
        take_title(node);
        return false;
      case GUMBO_TAG_BR:
        line_end();
        return false;
      case GUMBO_TAG_HR:
        block_break(2);
        return false;
      case GUMBO_TAG_IMG:
        take_image(node);
        return false;
      default:
        break;
    }
    if (node.type != GUMBO_NODE_ELEMENT) return false;  // comments, templates
    if (!with_navigation_ && is_navigation(node)) {
      block_break(2);
      return false;
    }
    open(node, tag);
    return true;
  }

  void open(const GumboNode& node, GumboTag tag) {
    switch (tag) {
      case GUMBO_TAG_HTML:
      case GUMBO_TAG_HEAD:
      case GUMBO_TAG_BODY:
        break;
      case GUMBO_TAG_UL:
      case GUMBO_TAG_OL:
      case GUMBO_TAG_MENU:
      case GUMBO_TAG_DIR:
        block_break(lists_.empty() ? 2 : 1);
        open_list(node);
        break;
      case GUMBO_TAG_LI:
        open_item(node);
        break;
      case GUMBO_TAG_DT:
      case GUMBO_TAG_DD:
      case GUMBO_TAG_SUMMARY:
      case GUMBO_TAG_FIGCAPTION:
      case GUMBO_TAG_CAPTION:
      case GUMBO_TAG_THEAD:
      case GUMBO_TAG_TBODY:
      case GUMBO_TAG_TFOOT:
        block_break(1);
        break;
      case GUMBO_TAG_PRE:
      case GUMBO_TAG_LISTING:
      case GUMBO_TAG_TEXTAREA:
      case GUMBO_TAG_XMP:
        block_break(2);
        ++preformatted_;
        break;
      case GUMBO_TAG_TABLE:
        block_break(2);
        open_table(node);
        break;
      case GUMBO_TAG_TR:
        block_break(1);
        if (in_data_table()) open_row();
        break;
      case GUMBO_TAG_TD:
      case GUMBO_TAG_TH:
        open_cell(node);
        break;
      default:
        if (heading_level(tag) > 0) {
          open_heading();
        } else {
          block_break(lists_.empty() ? 2 : 1);
        }
        break;
    }
  }

  void leave(const GumboNode& node) {
    const GumboTag tag = tag_of(node);
    switch (tag) {
      case GUMBO_TAG_HTML:
      case GUMBO_TAG_HEAD:
      case GUMBO_TAG_BODY:
        break;
      case GUMBO_TAG_UL:
      case GUMBO_TAG_OL:
      case GUMBO_TAG_MENU:
      case GUMBO_TAG_DIR:
        lists_.pop_back();
        block_break(lists_.empty() ? 2 : 1);
        break;
      case GUMBO_TAG_LI:
        builder_.end_item();
        block_break(1);
        break;
      case GUMBO_TAG_DT:
      case GUMBO_TAG_DD:
      case GUMBO_TAG_SUMMARY:
      case GUMBO_TAG_FIGCAPTION:
      case GUMBO_TAG_CAPTION:
      case GUMBO_TAG_THEAD:
      case GUMBO_TAG_TBODY:
      case GUMBO_TAG_TFOOT:
        block_break(1);
        break;
      case GUMBO_TAG_PRE:
      case GUMBO_TAG_LISTING:
      case GUMBO_TAG_TEXTAREA:
      case GUMBO_TAG_XMP:
        --preformatted_;
        block_break(2);
        break;
      case GUMBO_TAG_TABLE:
        tables_.pop_back();
        block_break(2);
        break;
      case GUMBO_TAG_TR:
        if (in_data_table()) close_row();
        block_break(1);
        break;
      case GUMBO_TAG_TD:
      case GUMBO_TAG_TH:
        if (in_data_table()) close_cell();
        break;
      default:
        if (heading_level(tag) > 0) {
          close_heading(tag);
        } else {
          block_break(lists_.empty() ? 2 : 1);
        }
        break;
    }
  }

  struct Table {
    bool layout = false;
    std::size_t columns = 0;
    bool has_header = false;  // its first row is written
    std::size_t row_start = 0;
    std::size_t cell_start = 0;
    std::size_t cells = 0;   // of the row
    std::size_t awaits = 0;  // columns that the cell takes beyond its own
    bool row_has_text = false;
  };

  struct OpenHeading {
    std::size_t start = 0;
    std::size_t line_start = 0;
  };

  struct List {
    bool numbered = false;
    int next = 1;
    std::string_view format;
  };

  static const char* attribute_of(const GumboNode& node, const char* name) {
    const GumboAttribute* found = gumbo_get_attribute(&node.v.element.attributes, name);
    return found == nullptr ? "" : found->value;
  }

  static int number_of(const GumboNode& node, const char* name, int fallback) {
    const std::string_view digits = attribute_of(node, name);
    int number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    constexpr int most = 1'000'000'000;  // so that counting on from it does not overflow
    return error == std::errc() && number >= -most && number <= most ? number : fallback;
  }

  void open_list(const GumboNode& node) {
    List list;
    list.numbered = tag_of(node) == GUMBO_TAG_OL;
    list.next = number_of(node, "start", 1);
    switch (*attribute_of(node, "type")) {
      case 'a':
        list.format = "lowerLetter";
        break;
      case 'A':
        list.format = "upperLetter";
        break;
      case 'i':
        list.format = "lowerRoman";
        break;
      case 'I':
        list.format = "upperRoman";
        break;
      default:
        break;
    }
    lists_.push_back(list);
  }

  void open_item(const GumboNode& node) {
    std::string prefix;
    if (lists_.size() > 1) prefix.assign(2 * (std::min<std::size_t>(lists_.size(), 8) - 1), ' ');
    if (lists_.empty() || !lists_.back().numbered) {
      builder_.begin_item(prefix + "- ");
      return;
    }
    List& list = lists_.back();
    const int number = number_of(node, "value", list.next);
    list.next = number + 1;
    if (*attribute_of(node, "data-note") != '\0') {
      builder_.begin_item(prefix);
      return;
    }
    builder_.begin_item(prefix + format_number(number, list.format) + ". ");
  }

  bool in_data_table() const { return !tables_.empty() && !tables_.back().layout; }

  /// Inside <pre> blocks are lines; a blank line more would be made up.
  void block_break(std::size_t lines) { builder_.line_break(preformatted_ > 0 ? 1 : lines); }

  void line_end() {
    if (preformatted_ > 0 && !builder_.is_one_line()) {
      builder_.verbatim("\n");
    } else {
      builder_.forced_break();
    }
  }

  void open_table(const GumboNode& node) {
    Table table;
    table.layout = builder_.is_one_line() || is_layout_table(node);
    if (!table.layout) table.columns = count_columns(node);
    if (table.columns < 2) table.layout = true;
    tables_.push_back(table);
  }

  void open_row() {
    tables_.back().row_start = builder_.settle();
    tables_.back().cells = 0;
    tables_.back().row_has_text = false;
  }

  void open_cell(const GumboNode& node) {
    if (!in_data_table()) {
      block_break(1);
      return;
    }
    builder_.separator(tables_.back().cells == 0 ? "| " : " | ");
    tables_.back().cells += 1;
    tables_.back().awaits = column_span(node) - 1;
    builder_.one_line(true);
    tables_.back().cell_start = builder_.size();
  }

  void close_cell() {
    builder_.one_line(false);
    Table& table = tables_.back();
    if (builder_.size() > table.cell_start) table.row_has_text = true;
    for (; table.awaits > 0; --table.awaits, ++table.cells) builder_.separator(" | ");
  }

  /// A row of nothing but separators is taken back. The first one is the header: as wide as any.
  void close_row() {
    Table& table = tables_.back();
    if (!table.row_has_text) {
      builder_.truncate(table.row_start);
      return;
    }
    while (!table.has_header && table.cells < table.columns) {
      builder_.separator(table.cells++ == 0 ? "| " : " | ");
    }
    builder_.separator(" |");
    if (table.has_header) return;
    table.has_header = true;
    block_break(1);
    std::string rule = "|";
    for (std::size_t i = 0; i < table.columns; ++i) rule += " --- |";
    builder_.verbatim(rule);
  }

  void open_heading() {
    block_break(2);
    const std::size_t start = builder_.settle();
    // Its line may have begun before it, with the "- " of a list's item.
    headings_.push_back({start, builder_.line_start()});
    builder_.one_line(true);
  }

  void close_heading(GumboTag tag) {
    builder_.one_line(false);
    const OpenHeading open = headings_.back();
    headings_.pop_back();
    std::string_view text = trimmed(builder_.view().substr(open.start));
    // Documentation tools append a link to the heading itself, shown as one of these.
    for (const std::string_view mark : {"\xC2\xB6", "\xC2\xA7", " #", "\xF0\x9F\x94\x97"}) {
      if (!text.ends_with(mark)) continue;
      text = trimmed(text.substr(0, text.size() - mark.size()));
      const char* behind = text.data() + text.size();
      builder_.truncate(static_cast<std::size_t>(behind - builder_.view().data()));
      break;
    }
    const bool sign = text.starts_with("\xC2\xA7") && text.size() > 2;  // but not "§ 5", a law's
    if (sign && text[2] != ' ' && (text[2] < '0' || text[2] > '9')) text.remove_prefix(2);
    std::string clean = clean_heading(text);
    block_break(2);
    if (clean.empty()) return;
    std::vector<Heading>& found = result_.headings;
    if (!found.empty() && found.back().byte_start >= open.line_start) return;  // one in another
    found.push_back({open.line_start, heading_level(tag), std::move(clean)});
  }

  void take_title(const GumboNode& node) {
    if (!result_.title.empty()) return;
    const GumboVector& children = *children_of(node);
    for (unsigned i = 0; i < children.length; ++i) {
      const GumboNode& child = child_at(children, i);
      if (is_text(child)) result_.title += child.v.text.text;
    }
  }

  void take_image(const GumboNode& node) {
    const GumboAttribute* alt = gumbo_get_attribute(&node.v.element.attributes, "alt");
    if (alt != nullptr) builder_.text(alt->value);
  }

  bool with_navigation_;
  TextBuilder builder_;
  HtmlText result_;
  std::vector<List> lists_;  // that are open
  std::size_t preformatted_ = 0;
  std::vector<Table> tables_;
  std::vector<OpenHeading> headings_;
};

}  // namespace

HtmlText extract_html_text(const GumboNode& root, bool with_navigation) {
  return HtmlExtractor(with_navigation).extract(root);
}

}  // namespace callslip
