// The process of one file: enters the sandbox, parses, writes frames, ends.
#pragma once

#include "index/extract/helper_channel.h"

namespace callslip {

/// Runs in a process that was forked for this job, and ends it.
[[noreturn]] void parse_and_exit(const HelperJob& job);

}  // namespace callslip
