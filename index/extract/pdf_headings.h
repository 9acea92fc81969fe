// PdfHeadings: where in a document's text the entries of its outline are.
//
// Pure function: any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "index/parsed_document.h"

namespace callslip {

/// A title that is to be found on a page, or one of the next.
struct WantedHeading {
  std::string title;
  int level = 1;
  std::size_t page = 0;  // from 0, in the parts
};

/// Headings in order, each at the beginning of a line: of that which holds the title, else of its
/// page. `pages` are the parts of the text, ascending.
std::vector<Heading> place_headings(std::string_view text, const std::vector<Part>& pages,
                                    const std::vector<WantedHeading>& wanted);

}  // namespace callslip
