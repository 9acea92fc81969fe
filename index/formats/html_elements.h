// The HTML elements that matter for a page's text, and which of them are open at a place in it.
//
// traits_of: any thread. An OpenElements belongs to one thread.
#pragma once

#include <gumbo.h>

#include <cstddef>
#include <vector>

namespace callslip {

enum class HtmlRole : unsigned char {
  inline_tag,  // the tags go, the content stays: a, b, span, html, body, what is not known, ...
  structural,  // the tags stay
  empty,       // stays and has no content: br, hr, img
  verbatim,    // stays, and what is in it is not markup: title, textarea
  dropped,     // goes with all its content: script, style, svg, ...
};

struct HtmlTraits {
  HtmlRole role = HtmlRole::inline_tag;
  bool ends_paragraph = false;  // its start tag closes an open <p>
};

const HtmlTraits& traits_of(GumboTag tag);

/// The stack of open structural elements, by the rules of the HTML standard: how deep the parser
/// nests is known before it runs. It may be shallower than this says, but deeper only by the
/// <tbody> and <tr> that it adds where they are missing.
class OpenElements {
 public:
  std::size_t depth() const { return open_.size(); }

  /// A start tag: closes what it ends by implication. False: the parser will ignore the tag, a
  /// table's part outside of any table.
  bool prepare(GumboTag tag);
  void push(GumboTag tag) { open_.push_back(tag); }

  /// An end tag: closes the element and all inside. False: it closes nothing.
  bool close(GumboTag tag);

 private:
  template <class Match, class Wall>
  bool pop_through(Match match, Wall wall);
  template <class Match>
  void pop_down_to(Match match);
  bool in_table() const;

  std::vector<GumboTag> open_;
};

}  // namespace callslip
