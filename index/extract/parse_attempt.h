// ParseAttempt: with which passwords and options a file of a binary format was read, as far as more
// of them may help: kept with the file's state, so that it is tried again when there are new ones.
//
// Pure functions; any thread. Of a password only 16 bits of a hash are kept: enough to tell that it
// is new, too little to guess it by.
#pragma once

#include <string>
#include <string_view>

#include "index/formats/parser.h"

namespace callslip {

std::string attempt_with(const ParseOptions& options);

/// callslip-extract was missing, or could not be started.
std::string attempt_without_helper();

/// Whether the options hold anything that was not tried. `tried` is empty for a file that was read
/// in full.
bool worth_another_attempt(std::string_view tried, const ParseOptions& options);

}  // namespace callslip
