// Merging: keeps the segments few, so that a query looks into few places.
//
// Sizes fall into tiers, each eight times the one below; eight of a tier become one of the next
// (a log-structured merge, O'Neil et al. 1996). A segment most of which is dead is rewritten.
#pragma once

#include <cstddef>
#include <vector>

#include "index/result.h"
#include "index/snapshot.h"
#include "index/store/manifest.h"
#include "index/store/segment_writer.h"

namespace callslip {

/// Segments of the manifest that should become one; empty: none.
std::vector<std::size_t> segments_to_merge(const Manifest& manifest);

/// Adds the living documents of a segment to another, with the chunks that they have.
Status copy_living(const SegmentView& from, SegmentWriter& to);

/// Adds one document of a segment to another as what it is now called, with the chunks that it has:
/// nothing is parsed or cut. Its terms are made anew, because they hold its name.
Status copy_document(const Segment& from, const DocumentRow& row, const DocumentIdentity& identity,
                     SegmentWriter& to);

}  // namespace callslip
