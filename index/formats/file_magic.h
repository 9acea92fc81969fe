// File magic: which well-known binary format a file is in, by its first bytes.
//
// Pure functions: any thread may call them.
#pragma once

#include <string_view>

namespace callslip {

/// What to tell the user about a file whose first bytes no text begins with, for instance
/// "image (PNG)". Empty when they are not known.
std::string_view binary_format(std::string_view bytes);

/// The same for signatures that a text may begin with too ("MZ", "Rar!"): ask it only about a file
/// that is known to be binary.
std::string_view likely_binary_format(std::string_view bytes);

}  // namespace callslip
