// Man pages: what a reader of a roff source with man(7) or mdoc(7) macros sees, without the paper.
//
// A pure function: any thread may call it.
#pragma once

#include <string_view>

#include "index/parsed_document.h"
#include "index/result.h"

namespace callslip {

/// `roff`: valid UTF-8. `name`: the page's, for a page that does not say it.
Result<ParsedDocument> read_man_page(std::string_view roff, std::string_view name);

}  // namespace callslip
