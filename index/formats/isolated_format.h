// Formats whose parsers only callslip-extract links: the server knows how to tell them.
//
// parse() of such a format is an Error in the server: Extractor has it called elsewhere.
#pragma once

#include <string>
#include <string_view>

#include "index/formats/format_list.h"
#include "index/formats/parser.h"
#include "index/result.h"

namespace callslip {

#define CALLSLIP_ENUMERATE(name) name,
enum class IsolatedFormat { CALLSLIP_FORMATS(CALLSLIP_NO_FORMAT, CALLSLIP_ENUMERATE) count };
#undef CALLSLIP_ENUMERATE

/// What the parser of such a format is: as Parser::parse.
using ParseFunction = Status (*)(std::string_view name, std::string bytes,
                                 const ParseOptions& options, const Parser::Sink& sink);

/// The format, to those that do not link its parser too.
const Parser& isolated_format(IsolatedFormat format);

/// The parser itself. Called where it is linked, before anything is parsed.
void use_isolated_parser(IsolatedFormat format, ParseFunction parse);

}  // namespace callslip
