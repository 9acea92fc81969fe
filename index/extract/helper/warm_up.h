// What callslip-extract does once, before it parses.
#pragma once

namespace callslip {

/// Loads what parsers need and could not load in the sandbox, and makes what is the same for each
/// file. Called once, before the first fork.
void warm_up();

}  // namespace callslip
