#include "index/formats/html_tree.h"

#include <cstddef>

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
