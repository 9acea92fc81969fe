// Overlay: an answer put in front of that of a method. What it does not know it passes on.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "plugin/mcp/method.h"

namespace callslip::conformance {

/// Nothing: the method itself answers.
using Answer = std::function<std::optional<MethodAnswer>(McpCall& call)>;

/// Where no group has the method, `otherwise` is what it answers. `era` is of such a new method.
void overlay(std::vector<MethodGroup>& groups, const std::string& method, const Answer& answer,
             const std::function<MethodAnswer(McpCall& call)>& otherwise,
             Method::Era era = Method::Era::both);

/// Puts items in front of a list's first page: of those that `items` returns, as `key`.
void extend_list(std::vector<MethodGroup>& groups, const std::string& method,
                 const std::string& key, const std::function<nlohmann::json()>& items);

}  // namespace callslip::conformance
