// Adding entries to a YAML file's text, line by line: what stands elsewhere is not touched.
#pragma once

#include <string>
#include <string_view>

#include "index/result.h"
#include "plugin/connect/yaml_text.h"

namespace callslip {

/// `text` with the entries of `wanted`'s section (a mapping of named entries, or a list of entries
/// with a name) added or replaced in its own. Errors: invalid_argument, with the line.
Result<std::string> add_yaml_entries(std::string_view text, const std::string& section,
                                     std::string_view wanted);

}  // namespace callslip
