// Merging a front end's entry into a configuration that is there: only what concerns the entry
// changes, the rest of the text stays byte for byte.
//
// Both texts have the same shape: an object whose members are objects of named entries
// ("mcpServers": {"callslip": {...}}) or arrays of entries with a "name" or an "id". Of an entry
// that exists, what says how to connect is replaced; what else its owner has set there stays.
// Stateless; any thread.
#pragma once

#include <string>
#include <string_view>

#include "index/result.h"
#include "plugin/connect/front_end.h"

namespace callslip {

/// The new text; the old one where it says all of `wanted` already. Errors: invalid_argument with
/// the line, for a text that is broken or of another shape.
Result<std::string> merge_config(std::string_view existing, std::string_view wanted,
                                 ConfigFormat format);

}  // namespace callslip
