// The version of this build.
#pragma once

#include <string>

namespace callslip {

std::string version();

}  // namespace callslip
