// What fixtures ask of clients: the parameters of sampling/createMessage, elicitation/create and
// roots/list, in both eras.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace callslip::conformance {

nlohmann::json sampling_params(const std::string& prompt, int max_tokens);
/// `schema` has "properties" and "required".
nlohmann::json elicitation_params(const std::string& message, nlohmann::json schema);
/// For one string, or (`type`) something else.
nlohmann::json elicitation_of(const std::string& message, const std::string& property,
                              const std::string& type = "string");

}  // namespace callslip::conformance
