#include "index/formats/html_tree.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include "index/formats/text_document.h"

namespace callslip {
namespace {

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

}  // namespace

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

bool is_text(const GumboNode& node) {
  return node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE ||
         node.type == GUMBO_NODE_CDATA;
}

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

const GumboNode* main_content(const GumboNode& root) {
  const GumboNode* found = nullptr;
  std::size_t count = 0;
  walk(
      root,
      [&](const GumboNode& node) {
        if (node.type != GUMBO_NODE_ELEMENT) return false;
        const GumboAttribute* role = gumbo_get_attribute(&node.v.element.attributes, "role");
        const bool is_main = tag_of(node) == GUMBO_TAG_MAIN ||
                             (role != nullptr && ascii_lower(role->value) == "main");
        if (!is_main) return true;
        found = &node;
        ++count;
        return false;  // <div role=main><main>: one
      },
      [](const GumboNode&) {});
  return count == 1 ? found : nullptr;
}

bool has_top_heading(const GumboNode& root) {
  return contains(root, [](const GumboNode& node) { return tag_of(node) == GUMBO_TAG_H1; });
}

unsigned column_span(const GumboNode& cell) {
  const GumboAttribute* span = gumbo_get_attribute(&cell.v.element.attributes, "colspan");
  const int columns = span == nullptr ? 1 : std::atoi(span->value);
  return static_cast<unsigned>(std::clamp(columns, 1, 63));
}

unsigned count_columns(const GumboNode& table) {
  unsigned most = 0;
  unsigned columns = 0;
  walk(
      table,
      [&](const GumboNode& node) {
        if (tag_of(node) == GUMBO_TAG_TR) columns = 0;
        if (tag_of(node) == GUMBO_TAG_TD || tag_of(node) == GUMBO_TAG_TH) {
          columns = std::min(columns + column_span(node), 1000U);
          most = std::max(most, columns);
          return false;
        }
        return node.type == GUMBO_NODE_ELEMENT;
      },
      [](const GumboNode&) {});
  return most;
}

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

}  // namespace callslip
