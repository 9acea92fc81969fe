// ConfigFile: where a front end keeps its configuration, and writing there with care: what was
// there is kept beside it, and the change is whole or not at all.
//
// Stateless; any thread. Errors name the file and what to do.
#pragma once

#include <string>
#include <string_view>

#include "index/result.h"
#include "plugin/connect/front_end.h"

namespace callslip {

/// "~/" and "@CONFIG@" stand for the home and $XDG_CONFIG_HOME.
Result<std::string> expand_home(std::string path);

struct ConfigWritten {
  std::string path;
  bool changed = false;
  std::string backup;  // of what was there; empty: nothing was
};

/// Merges `wanted` into the file, which may be missing. `secret`: a new file is for its owner only.
Result<ConfigWritten> write_config(const std::string& path, std::string_view wanted,
                                   ConfigFormat format, bool secret);

}  // namespace callslip
