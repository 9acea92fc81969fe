// The OpenAPI document of a server: made from the table of its tools, for Open WebUI and clients
// that are generated.
//
// Stateless; any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "plugin/toolset/tool.h"

namespace callslip {

struct OpenApiOptions {
  std::string version;     // of the server
  std::string server_url;  // "http://127.0.0.1:8137"
  bool tokens = false;     // bearer tokens are asked for
  bool may_write = false;  // whoever asks
};

/// OpenAPI 3.1. Only tools have an operationId: Open WebUI makes a tool of every operation that has
/// one.
nlohmann::json openapi_document(const std::vector<Tool>& tools, const OpenApiOptions& options);

}  // namespace callslip
