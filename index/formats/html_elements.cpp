#include "index/formats/html_elements.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace callslip {
namespace {

using TraitsTable = std::array<HtmlTraits, GUMBO_TAG_LAST + 1>;

TraitsTable make_traits() {
  TraitsTable table{};
  const auto set = [&](std::initializer_list<GumboTag> tags, HtmlTraits traits) {
    for (const GumboTag tag : tags) table[tag] = traits;
  };
  set({GUMBO_TAG_ARTICLE, GUMBO_TAG_SECTION, GUMBO_TAG_NAV,     GUMBO_TAG_ASIDE,
       GUMBO_TAG_H1,      GUMBO_TAG_H2,      GUMBO_TAG_H3,      GUMBO_TAG_H4,
       GUMBO_TAG_H5,      GUMBO_TAG_H6,      GUMBO_TAG_HGROUP,  GUMBO_TAG_HEADER,
       GUMBO_TAG_FOOTER,  GUMBO_TAG_ADDRESS, GUMBO_TAG_P,       GUMBO_TAG_PRE,
       GUMBO_TAG_OL,      GUMBO_TAG_UL,      GUMBO_TAG_LI,      GUMBO_TAG_BLOCKQUOTE,
       GUMBO_TAG_DL,      GUMBO_TAG_DT,      GUMBO_TAG_DD,      GUMBO_TAG_FIGURE,
       GUMBO_TAG_MAIN,    GUMBO_TAG_DIV,     GUMBO_TAG_DETAILS, GUMBO_TAG_FIGCAPTION,
       GUMBO_TAG_SUMMARY, GUMBO_TAG_MENU,    GUMBO_TAG_DIR,     GUMBO_TAG_FIELDSET,
       GUMBO_TAG_LISTING, GUMBO_TAG_CENTER,  GUMBO_TAG_TABLE},
      {HtmlRole::structural, true});
  set({GUMBO_TAG_CAPTION, GUMBO_TAG_TBODY, GUMBO_TAG_THEAD, GUMBO_TAG_TFOOT, GUMBO_TAG_TR,
       GUMBO_TAG_TD, GUMBO_TAG_TH},
      {HtmlRole::structural, false});
  set({GUMBO_TAG_BR, GUMBO_TAG_IMG}, {HtmlRole::empty, false});
  set({GUMBO_TAG_HR}, {HtmlRole::empty, true});
  set({GUMBO_TAG_TITLE, GUMBO_TAG_TEXTAREA}, {HtmlRole::verbatim, false});
  set({GUMBO_TAG_XMP}, {HtmlRole::verbatim, true});
  set({GUMBO_TAG_SCRIPT, GUMBO_TAG_STYLE, GUMBO_TAG_TEMPLATE, GUMBO_TAG_NOSCRIPT, GUMBO_TAG_SVG,
       GUMBO_TAG_IFRAME, GUMBO_TAG_SELECT, GUMBO_TAG_DATALIST, GUMBO_TAG_NOEMBED},
      {HtmlRole::dropped, false});
  return table;
}

bool is_heading(GumboTag tag) { return tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6; }
bool is_table(GumboTag tag) { return tag == GUMBO_TAG_TABLE; }
bool is_cell(GumboTag tag) { return tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH; }
bool is_row_group(GumboTag tag) {
  return tag == GUMBO_TAG_TBODY || tag == GUMBO_TAG_THEAD || tag == GUMBO_TAG_TFOOT;
}
bool is_table_part(GumboTag tag) {
  return is_cell(tag) || is_row_group(tag) || tag == GUMBO_TAG_TR || tag == GUMBO_TAG_CAPTION;
}
bool is_term(GumboTag tag) { return tag == GUMBO_TAG_DT || tag == GUMBO_TAG_DD; }
/// No end tag of other elements reaches beyond these.
bool is_scope(GumboTag tag) { return is_table(tag) || is_cell(tag) || tag == GUMBO_TAG_CAPTION; }
/// An item or term is closed by the next one unless something else than these is open in it.
bool is_transparent(GumboTag tag) {
  return tag == GUMBO_TAG_P || tag == GUMBO_TAG_DIV || tag == GUMBO_TAG_ADDRESS;
}

}  // namespace

const HtmlTraits& traits_of(GumboTag tag) {
  static const TraitsTable table = make_traits();
  return table[tag];
}

/// Pops to below the nearest match, unless a wall is nearer.
template <class Match, class Wall>
bool OpenElements::pop_through(Match match, Wall wall) {
  for (std::size_t i = open_.size(); i > 0; --i) {
    if (match(open_[i - 1])) {
      open_.resize(i - 1);
      return true;
    }
    if (wall(open_[i - 1])) return false;
  }
  return false;
}

/// Pops to the nearest match, which stays.
template <class Match>
void OpenElements::pop_down_to(Match match) {
  for (std::size_t i = open_.size(); i > 0; --i) {
    if (!match(open_[i - 1])) continue;
    open_.resize(i);
    return;
  }
}

bool OpenElements::in_table() const {
  return std::find(open_.rbegin(), open_.rend(), GUMBO_TAG_TABLE) != open_.rend();
}

bool OpenElements::prepare(GumboTag tag) {
  if (is_table_part(tag)) {
    if (!in_table()) return false;
    if (is_cell(tag)) {
      pop_down_to([](GumboTag open) {
        return open == GUMBO_TAG_TR || is_row_group(open) || is_table(open);
      });
    } else if (tag == GUMBO_TAG_TR) {
      pop_down_to([](GumboTag open) { return is_row_group(open) || is_table(open); });
    } else {
      pop_down_to(is_table);
    }
    return true;
  }
  if (tag == GUMBO_TAG_LI) {
    pop_through([](GumboTag open) { return open == GUMBO_TAG_LI; },
                [](GumboTag open) { return !is_transparent(open); });
  } else if (is_term(tag)) {
    pop_through(is_term, [](GumboTag open) { return !is_transparent(open); });
  }
  if (traits_of(tag).ends_paragraph) {
    pop_through([](GumboTag open) { return open == GUMBO_TAG_P; }, is_scope);
  }
  if (is_heading(tag) && !open_.empty() && is_heading(open_.back())) open_.pop_back();
  if (is_table(tag)) {  // a table directly in a table ends it
    pop_through(is_table, [](GumboTag open) { return is_cell(open) || open == GUMBO_TAG_CAPTION; });
  }
  return true;
}

bool OpenElements::close(GumboTag tag) {
  const auto same = [&](GumboTag open) {
    return open == tag || (is_heading(tag) && is_heading(open));
  };
  if (is_table(tag) || is_table_part(tag)) return pop_through(same, is_table);
  if (tag == GUMBO_TAG_LI) {
    return pop_through(same, [](GumboTag open) {
      return is_scope(open) || open == GUMBO_TAG_UL || open == GUMBO_TAG_OL;
    });
  }
  return pop_through(same, is_scope);
}

}  // namespace callslip
