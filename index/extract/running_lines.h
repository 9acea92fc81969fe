// RunningLines: the headers, footers and page numbers of a document's pages, which are no part of
// its text.
//
// Of the lines at the top and at the bottom of the pages those are running that stand at the same
// height and say the same, but for their numbers, on several pages (after X. Lin, "Header and
// Footer Extraction by Page-Association", 2003), and those that hold a number that counts with the
// pages. Nothing that is not a page number gets lost: what stands nowhere else in the document
// stays at the first of its places.
//
// Pure function: any thread.
#pragma once

#include <vector>

#include "index/extract/page_layout.h"

namespace callslip {

/// Takes the running lines out of the pages, which are those of one document in their order.
void remove_running_lines(std::vector<std::vector<PageLine>>& pages);

}  // namespace callslip
