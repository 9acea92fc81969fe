// Citations: the [chunk ids] in an answer, and those among them that a model made up.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

namespace callslip {

/// The answer without citations of ids that are not in `known`. Brackets that are no citations
/// stay: links, `code`, indices such as a[0], words.
std::string keep_known_citations(std::string_view answer,
                                 const std::unordered_set<std::string>& known);

}  // namespace callslip
