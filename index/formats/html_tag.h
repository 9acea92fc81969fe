// HtmlTag: one tag of an HTML page, as far as the text needs it. Any thread.
#pragma once

#include <gumbo.h>

#include <cstddef>
#include <string_view>

namespace callslip {

struct HtmlTag {
  GumboTag id = GUMBO_TAG_UNKNOWN;
  bool is_end = false;
  bool self_closing = false;
  std::size_t next = std::string_view::npos;  // behind its '>'; npos when the page ends first
  std::string_view alt;                       // attribute values as written, quotes included
  std::string_view role;
  std::string_view colspan;
  std::string_view start;  // of a list, its first number
  std::string_view type;   // of a list, how it is numbered
  std::string_view value;  // of an item, its number
  std::string_view href;
  std::string_view anchor;  // the attribute id
  std::string_view kind;    // epub:type
};

/// An attribute's value without its quotes.
std::string_view unquoted(std::string_view value);

/// Reads the tag whose '<' is at `start`; a letter, or '/' and a letter, follows.
HtmlTag read_html_tag(std::string_view html, std::size_t start);

inline bool is_html_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool is_html_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

}  // namespace callslip
