// Where an index lives when nobody says.
#pragma once

#include <string>
#include <vector>

#include "index/result.h"

namespace callslip {

/// $CALLSLIP_INDEX is handled with the other settings; this is what stands without any.
std::string default_index_directory();

/// Every set of PATHs served has its own: named by a hash of the real paths.
Result<std::string> index_directory_of_roots(const std::vector<std::string>& paths);

}  // namespace callslip
