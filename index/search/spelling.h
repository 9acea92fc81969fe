// Spelling: the word of the index that a word which no chunk holds may have been meant to be.
//
// Looks through the dictionaries of the segments, which are ordered, past most of them
// (FuzzyWord): no memory of its own, and no cost for words that are there. Any thread may call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "index/result.h"
#include "index/search/fuzzy_word.h"
#include "index/snapshot.h"

namespace callslip {

/// The closest term that a living chunk holds; of equally close ones that in most chunks. `term`
/// is in none. Only terms of letters are sought and found.
Result<std::optional<CloseTerm>> closest_term(const Snapshot& snapshot, const std::string& term);

/// A term as a word of a text: as it stands in a chunk that holds it.
Result<std::string> word_of_term(const Snapshot& snapshot, const std::string& term);

}  // namespace callslip
