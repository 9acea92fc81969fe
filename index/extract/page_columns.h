// PageColumns: where a page has columns of prose, and its lines in the order of reading.
//
// A gutter is a vertical line that hardly any piece crosses and that has lines of prose on both
// sides; what crosses it stands between the columns above and those below. Tables are no columns:
// their cells are short, and the rows on both sides stand at the same heights.
//
// Pure functions: any thread. Units are points.
#pragma once

#include <deque>
#include <vector>

#include "index/extract/page_pieces.h"

namespace callslip {

/// The lines of a region: column by column where it has columns, else row by row. The lines point
/// into `kept`. `known`: the gutters of the document, for a whole page; null for a part of one.
void add_lines(const Pieces& region, int depth, PageGutters* known, std::deque<Pieces>& kept,
               std::vector<PieceLine>& lines);

}  // namespace callslip
