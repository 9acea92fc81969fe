// mdoc(7)'s macros within a line. Pure functions: any thread may call them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace callslip {

struct MdocNames {
  std::string page;  // what .Nm without arguments stands for
};

bool is_mdoc_macro(std::string_view request);

/// The text of a line of macros and their arguments: {"Fl", "v", "Op", "Ar", "file"} is "-v
/// [file]".
std::string mdoc_text(const std::vector<std::string>& line, const MdocNames& names);

}  // namespace callslip
