// InputRound: one round of a request that needs something from the client, as the modern era has
// it: the answer says what, and the client repeats the request with it.
//
// Belongs to one request.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "plugin/mcp/method.h"

namespace callslip::conformance {

class InputRound {
 public:
  explicit InputRound(const McpCall& call) : call_(call) {}

  /// What the client brought under this key, when it is an answer to such a question; else it is
  /// asked (again), and null is returned.
  const nlohmann::json* elicitation(const std::string& key, nlohmann::json params);
  const nlohmann::json* sampling(const std::string& key, nlohmann::json params);
  const nlohmann::json* roots(const std::string& key);

  /// Whether the client brought all that was asked for so far.
  bool complete() const { return asked_.empty() && missing_.empty(); }
  /// What is to be answered else; an error where the client cannot be asked. `state` may be empty.
  MethodAnswer answer(const std::string& state = {}) const;

 private:
  const nlohmann::json* input(const std::string& key, const char* method, const char* capability,
                              const char* mark, nlohmann::json params);

  const McpCall& call_;
  nlohmann::json asked_ = nlohmann::json::object();
  nlohmann::json missing_ = nlohmann::json::object();  // capabilities
};

/// The text of an elicitation's answer under `property`.
std::string said(const nlohmann::json& elicited, const char* property);

}  // namespace callslip::conformance
