#include "index/html_text.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "index/text_builder.h"
#include "index/text_document.h"

namespace callslip {
namespace {

const GumboVector* children_of(const GumboNode& node) {
  switch (node.type) {
    case GUMBO_NODE_DOCUMENT:
      return &node.v.document.children;
    case GUMBO_NODE_ELEMENT:
    case GUMBO_NODE_TEMPLATE:
      return &node.v.element.children;
    default:
      return nullptr;
  }
}

const GumboNode& child_at(const GumboVector& children, unsigned i) {
  return *static_cast<const GumboNode*>(children.data[i]);
}

GumboTag tag_of(const GumboNode& node) {
  return node.type == GUMBO_NODE_ELEMENT ? node.v.element.tag : GUMBO_TAG_UNKNOWN;
}

bool is_text(const GumboNode& node) {
  return node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE ||
         node.type == GUMBO_NODE_CDATA;
}

/// Visits the tree below `root` in reading order. `enter` says whether to go into a node, `leave`
/// is called behind the content of those it went into.
template <class Enter, class Leave>
void walk(const GumboNode& root, Enter enter, Leave leave) {
  struct Place {
    const GumboNode* node;
    unsigned next = 0;
  };
  std::vector<Place> path{{&root}};
  while (!path.empty()) {
    Place& place = path.back();
    const GumboVector* children = children_of(*place.node);
    if (children == nullptr || place.next >= children->length) {
      const GumboNode* done = place.node;
      path.pop_back();
      if (!path.empty()) leave(*done);
      continue;
    }
    const GumboNode& child = child_at(*children, place.next++);
    if (enter(child)) path.push_back({&child});
  }
}

/// Whether any node below `root` satisfies the predicate.
template <class Predicate>
bool contains(const GumboNode& root, Predicate predicate) {
  bool found = false;
  walk(
      root,
      [&](const GumboNode& node) {
        found = found || predicate(node);
        return !found;
      },
      [](const GumboNode&) {});
  return found;
}

int heading_level(GumboTag tag) {
  return tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6 ? tag - GUMBO_TAG_H1 + 1 : 0;
}

/// Navigation that says so, unless the page's main content is in it (a <nav> left open, say).
bool is_navigation(const GumboNode& node) {
  if (node.type != GUMBO_NODE_ELEMENT) return false;
  const GumboAttribute* role = gumbo_get_attribute(&node.v.element.attributes, "role");
  const bool says_so = tag_of(node) == GUMBO_TAG_NAV ||
                       (role != nullptr && ascii_lower(role->value) == "navigation");
  return says_so && !contains(node, [](const GumboNode& inner) {
           const GumboTag tag = tag_of(inner);
           return tag == GUMBO_TAG_MAIN || tag == GUMBO_TAG_ARTICLE || tag == GUMBO_TAG_H1;
         });
}

/// Whether the next element behind the node has this tag.
bool followed_by(const GumboNode& node, GumboTag tag) {
  const GumboVector& siblings = *children_of(*node.parent);
  for (std::size_t i = node.index_within_parent + 1; i < siblings.length; ++i) {
    const GumboNode& next = child_at(siblings, static_cast<unsigned>(i));
    if (next.type == GUMBO_NODE_ELEMENT) return tag_of(next) == tag;
  }
  return false;
}

bool is_alone(const GumboNode& node) {
  const GumboVector& siblings = *children_of(*node.parent);
  if (siblings.length > 8) return false;
  for (unsigned i = 0; i < siblings.length; ++i) {
    const GumboNode& sibling = child_at(siblings, i);
    if (&sibling != &node && sibling.type != GUMBO_NODE_WHITESPACE) return false;
  }
  return true;
}

/// A table that arranges a page rather than data: its cells hold blocks that need their own lines.
bool is_layout_table(const GumboNode& table) {
  return contains(table, [](const GumboNode& node) {
    switch (tag_of(node)) {
      case GUMBO_TAG_TABLE:
      case GUMBO_TAG_PRE:
      case GUMBO_TAG_BLOCKQUOTE:
      case GUMBO_TAG_HR:
      case GUMBO_TAG_ARTICLE:
      case GUMBO_TAG_SECTION:
        return true;
      case GUMBO_TAG_P:  // one paragraph in a cell is data still
        return followed_by(node, GUMBO_TAG_P);
      default:  // so is a heading that is all there is in a cell
        return heading_level(tag_of(node)) > 0 && !is_alone(node);
    }
  });
}

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
        block_break(lists_ == 0 ? 2 : 1);
        ++lists_;
        break;
      case GUMBO_TAG_LI: {
        const std::size_t indent = lists_ > 1 ? 2 * (std::min<std::size_t>(lists_, 8) - 1) : 0;
        builder_.begin_item(std::string(indent, ' ') + "- ");
        break;
      }
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
        tables_.push_back({builder_.is_one_line() || is_layout_table(node)});
        break;
      case GUMBO_TAG_TR:
        block_break(1);
        if (in_data_table()) open_row();
        break;
      case GUMBO_TAG_TD:
      case GUMBO_TAG_TH:
        open_cell();
        break;
      default:
        if (heading_level(tag) > 0) {
          open_heading();
        } else {
          block_break(lists_ > 0 ? 1 : 2);
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
        --lists_;
        block_break(lists_ == 0 ? 2 : 1);
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
          block_break(lists_ > 0 ? 1 : 2);
        }
        break;
    }
  }

  struct Table {
    bool layout = false;
    std::size_t row_start = 0;
    std::size_t cell_start = 0;
    std::size_t cells = 0;  // of the row
    bool row_has_text = false;
  };

  struct OpenHeading {
    std::size_t start = 0;
    std::size_t line_start = 0;
  };

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

  void open_row() {
    tables_.back().row_start = builder_.settle();
    tables_.back().cells = 0;
    tables_.back().row_has_text = false;
  }

  void open_cell() {
    if (!in_data_table()) {
      block_break(1);
      return;
    }
    if (tables_.back().cells++ > 0) builder_.separator(" | ");
    builder_.one_line(true);
    tables_.back().cell_start = builder_.size();
  }

  void close_cell() {
    builder_.one_line(false);
    Table& table = tables_.back();
    if (builder_.size() > table.cell_start) table.row_has_text = true;
  }

  /// A row of nothing but separators is taken back.
  void close_row() {
    if (!tables_.back().row_has_text) builder_.truncate(tables_.back().row_start);
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
  std::size_t lists_ = 0;  // lists that are open
  std::size_t preformatted_ = 0;
  std::vector<Table> tables_;
  std::vector<OpenHeading> headings_;
};

}  // namespace

HtmlText extract_html_text(const GumboNode& root, bool with_navigation) {
  return HtmlExtractor(with_navigation).extract(root);
}

}  // namespace callslip
