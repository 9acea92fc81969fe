// Roff's escapes and arguments. Pure functions: any thread may call them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace callslip {

/// The text without font changes, motions and comments; named characters are themselves.
std::string roff_text(std::string_view line);

/// A request's arguments, escapes not yet undone: parted by spaces, "" around those that hold some.
std::vector<std::string> roff_arguments(std::string_view line);

}  // namespace callslip
