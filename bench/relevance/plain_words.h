// PlainWords: the words of a text as the plain baseline sees them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace callslip::bench {

/// Runs of letters and digits, lower case, without Lucene's English stop words, stemmed by Porter's
/// algorithm (1980) where they are ASCII; of runs of CJK letters the pairs.
std::vector<std::string> plain_words(std::string_view utf8);

}  // namespace callslip::bench
