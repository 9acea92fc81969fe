// HTML tree: reading gumbo's nodes. Pure functions without recursion: any thread, any depth.
#pragma once

#include <gumbo.h>

#include <vector>

namespace callslip {

/// The node's children; null for what has none by nature, text and comments.
const GumboVector* children_of(const GumboNode& node);

inline const GumboNode& child_at(const GumboVector& children, unsigned i) {
  return *static_cast<const GumboNode*>(children.data[i]);
}

/// Unknown for what is not an element.
inline GumboTag tag_of(const GumboNode& node) {
  return node.type == GUMBO_NODE_ELEMENT ? node.v.element.tag : GUMBO_TAG_UNKNOWN;
}

bool is_text(const GumboNode& node);

/// 1 to 6; 0 for what is not a heading.
inline int heading_level(GumboTag tag) {
  return tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6 ? tag - GUMBO_TAG_H1 + 1 : 0;
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

/// Navigation that says so, unless the page's main content is in it (a <nav> left open, say).
bool is_navigation(const GumboNode& node);

/// The page's main content, if it says which that is: its only <main> or element of that role. Null
/// if there is none, or several.
const GumboNode* main_content(const GumboNode& root);

/// Whether there is a top heading in the tree.
bool has_top_heading(const GumboNode& root);

/// How many columns a <td> or <th> takes, at most 63.
unsigned column_span(const GumboNode& cell);

/// The most columns of any row of a table without tables in it.
unsigned count_columns(const GumboNode& table);

/// A table that arranges a page rather than data: its cells hold blocks that need their own lines.
bool is_layout_table(const GumboNode& table);

}  // namespace callslip
