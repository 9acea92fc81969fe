// gate_options: what the settings of `serve` say of who comes in.
//
// A function without state.
#pragma once

#include "plugin/access/gate.h"
#include "plugin/commands/settings.h"

namespace callslip {

/// Troubles are told on stderr.
GateOptions gate_options(const Settings& settings);

}  // namespace callslip
