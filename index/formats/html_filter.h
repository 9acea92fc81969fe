// HTML filter: reduces a page to the markup that matters for its text, before it is parsed.
//
// gumbo's time and memory grow with the square of some inputs (deep nesting, misnested formatting,
// a tag with many attributes), and it frees its tree recursively. What is left here cannot do
// that: only structural elements, nested 512 deep at most, three attributes, no formatting,
// scripts, comments or foreign content. Text is not touched, but for notes that are marked up as
// such (DPUB-ARIA roles, epub:type): their references and they themselves get "[^1]", and the links
// back from them go.
//
// A pure function: any thread may call it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace callslip {

struct FilteredHtml {
  std::string markup;
  std::size_t elements = 0;  // start tags in it
};

/// `xhtml`: "<div/>" is an empty element, and CDATA sections are text.
FilteredHtml filter_html(std::string_view html, bool xhtml);

}  // namespace callslip
