// Sandbox: what a process gives up before it parses a hostile file, for good.
//
// One thread, which is the process's only one.
#pragma once

#include "index/extract/extract_limits.h"
#include "index/extract/extract_message.h"

namespace callslip {

/// Gives up rights to new privileges, network, programs, processes, writing of files and (where the
/// kernel has Landlock) reading of all files but the libraries' data; bounds memory, CPU time and
/// descriptors. What the kernel does not offer is left out and said.
SandboxReport enter_sandbox(const ExtractLimits& limits, bool ocr);

}  // namespace callslip
