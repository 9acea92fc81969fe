// The view of one result that hosts embed in a conversation (MCP Apps, extension
// io.modelcontextprotocol/ui): one HTML document, made of the page's own modules and styles.
//
// Constant; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "plugin/mcp/fixed_resource.h"

namespace callslip {

inline constexpr std::string_view kMcpAppExtension = "io.modelcontextprotocol/ui";
inline constexpr std::string_view kMcpAppUri = "ui://callslip/result";
inline constexpr std::string_view kMcpAppType = "text/html;profile=mcp-app";

/// The document: no request leaves it, all scripts and styles are in it.
const std::string& mcp_app_html();

/// `_meta` of the tools whose results it shows.
nlohmann::json mcp_app_tool_meta();

/// The document as a resource.
FixedResource mcp_app_resource();

}  // namespace callslip
