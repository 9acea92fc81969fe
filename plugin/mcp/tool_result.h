// The result of tools/call, from what a tool returned.
//
// Pure functions: any thread.
#pragma once

#include <nlohmann/json.hpp>

#include "plugin/toolset/tool.h"

namespace callslip {

/// `links`: the client knows content of type resource_link.
nlohmann::json tool_result(Result<ToolOutput> output, bool links);

}  // namespace callslip
