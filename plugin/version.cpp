#include "plugin/version.h"

namespace callslip {

std::string version() { return CALLSLIP_VERSION; }

}  // namespace callslip
