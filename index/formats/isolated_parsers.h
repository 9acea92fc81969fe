// The parsers that only callslip-extract links. Stateless: any thread may call them.
#pragma once

#include <string>
#include <string_view>

#include "index/formats/format_list.h"
#include "index/formats/parser.h"
#include "index/result.h"

namespace callslip {

#define CALLSLIP_DECLARE_PARSE(format)                                                         \
  Status parse_##format(std::string_view name, std::string bytes, const ParseOptions& options, \
                        const Parser::Sink& sink);
CALLSLIP_FORMATS(CALLSLIP_NO_FORMAT, CALLSLIP_DECLARE_PARSE)
#undef CALLSLIP_DECLARE_PARSE

}  // namespace callslip
