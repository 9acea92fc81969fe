// The parsers that only callslip-extract links. Stateless, as all parsers.
#pragma once

#include "index/formats/parser.h"

namespace callslip {

const Parser& poppler_parser();
const Parser& libarchive_parser();
const Parser& decompressing_parser();

}  // namespace callslip
