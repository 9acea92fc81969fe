// Peer: another MCP server over HTTP, asked with the same queries.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/wire_load.h"

namespace callslip::bench {

/// Opens a session where the server wants one; `message` is a tools/call with %QUERY% in it.
LoadOptions peer_load(const std::string& url, const std::string& message,
                      const std::vector<std::string>& queries);

std::uint16_t peer_port(const std::string& url);

}  // namespace callslip::bench
