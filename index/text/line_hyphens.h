// Words that a line end parts: "retrie-\nval" is kept as the page has it, and found as
// "retrieval" too.
//
// Pure function: any thread.
#pragma once

#include <string>
#include <string_view>

namespace callslip {

/// The words of a text that are parted so, joined, with spaces between them. Only where a letter
/// stands before the hyphen and a small one begins the next line: "2019-\n2020" is no word.
std::string words_across_lines(std::string_view text);

}  // namespace callslip
