// Lifecycle: how the server presents itself: initialize, server/discover, ping, logging/setLevel.
//
// Constant once serving; any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "plugin/mcp/method.h"

namespace callslip {

class Lifecycle {
 public:
  explicit Lifecycle(std::string version);

  /// What a group of methods adds to the server's capabilities.
  void add(const MethodGroup& group);
  const nlohmann::json& modern_capabilities() const { return modern_capabilities_; }

  MethodGroup methods() const;
  nlohmann::json server_info() const;

 private:
  nlohmann::json initialize(const McpCall& call) const;
  nlohmann::json discover() const;

  const std::string version_;
  const char* instructions_;
  nlohmann::json legacy_capabilities_ = {{"logging", nlohmann::json::object()}};
  nlohmann::json modern_capabilities_ = nlohmann::json::object();
};

}  // namespace callslip
