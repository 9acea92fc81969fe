// The numbers of lists, notes and slides as documents show them. A pure function.
#pragma once

#include <string>
#include <string_view>

namespace callslip {

/// The number in a list's or a page's format: "lowerRoman", "upperLetter", ...; decimal for others.
std::string format_number(int number, std::string_view format);

}  // namespace callslip
