// Where an index lives when nobody says, and the command that makes the one in some place.
//
// Stateless; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "index/result.h"

namespace callslip {

/// $CALLSLIP_INDEX is handled with the other settings; this is what stands without any.
std::string default_index_directory();

/// Every set of PATHs served has its own: named by a hash of the real paths.
Result<std::string> index_directory_of_roots(const std::vector<std::string>& paths);

/// "callslip index PATH", with --index unless it is the default one: for messages.
std::string command_to_index(const std::string& directory);

/// What to do about an index that is damaged or of another version: "remove the folder and run:
/// ...", but for what clients handed over, which is nowhere else.
std::string how_to_make_anew(const std::string& directory);

/// The folder of an index that holds what clients handed over.
inline constexpr std::string_view handed_folder = "documents";

/// As a POSIX shell reads it: in quotes where it needs them.
std::string shell_word(std::string_view text);

}  // namespace callslip
