#include "plugin/mcp/conformance/client_questions.h"

namespace callslip::conformance {

using nlohmann::json;

json sampling_params(const std::string& prompt, int max_tokens) {
  json message{{"role", "user"}, {"content", {{"type", "text"}, {"text", prompt}}}};
  return {{"messages", json::array({std::move(message)})}, {"maxTokens", max_tokens}};
}

json elicitation_params(const std::string& message, json schema) {
  schema["type"] = "object";
  return {{"message", message}, {"requestedSchema", std::move(schema)}};
}

json elicitation_of(const std::string& message, const std::string& property,
                    const std::string& type) {
  return elicitation_params(message, {{"properties", {{property, {{"type", type}}}}},
                                      {"required", json::array({property})}});
}

}  // namespace callslip::conformance
