// A parser that does what a file that took over a real one might do. For tests of the sandbox.
#pragma once

#include <string_view>

#include "index/formats/parser.h"

namespace callslip {

/// For a file that begins with "%PDF-hostile", and only with $CALLSLIP_EXTRACT_TEST set; else null.
const Parser* hostile_parser_for(std::string_view head);

}  // namespace callslip
