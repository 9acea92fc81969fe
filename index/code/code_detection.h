// CodeDetection: whether a text without a file's name is code: a record of a collection.
//
// Pure functions: any thread. Careful: prose with a line of code in it is prose.
#pragma once

#include <string_view>

namespace callslip {

/// A type as code_syntax knows it; empty: not code, or not told.
std::string_view code_type_of(std::string_view text);

}  // namespace callslip
