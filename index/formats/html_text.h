// HTML text: what a reader sees of a parsed page, laid out in lines, and its headings.
//
// Pure function: any thread may call it. It does not recurse, however deep the tree is.
#pragma once

#include <gumbo.h>

#include <string>
#include <vector>

#include "index/parsed_document.h"

namespace callslip {

struct HtmlText {
  std::string text;
  std::string title;  // <title>, as it is in the page
  std::vector<Heading> headings;
};

/// `with_navigation`: keeps what is marked up as navigation too.
HtmlText extract_html_text(const GumboNode& root, bool with_navigation);

}  // namespace callslip
