// The parsers that only callslip-extract links. Stateless, as all parsers.
#pragma once

#include <string_view>

#include "index/formats/parser.h"

namespace callslip {

/// As parser_for(), with the parser itself where that knows only the format.
const Parser& isolated_parser_for(std::string_view name, std::string_view head);

const Parser& poppler_parser();
const Parser& libarchive_parser();
const Parser& decompressing_parser();

}  // namespace callslip
