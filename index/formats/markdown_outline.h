// The outline of Markdown text (CommonMark's headings).
//
// A pure function: any thread may call it.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "index/parsed_document.h"

namespace callslip {

/// The headings at or behind `start`.
std::vector<Heading> markdown_headings(std::string_view text, std::size_t start = 0);

}  // namespace callslip
