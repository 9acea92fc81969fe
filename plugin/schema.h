// Pieces of JSON Schema that several tools share. Portable: no $ref, no oneOf or anyOf.
#pragma once

#include <nlohmann/json.hpp>

namespace callslip::schema {

nlohmann::json chunk();
nlohmann::json location();
nlohmann::json index();
nlohmann::json documents_argument();
nlohmann::json max_tokens_argument(std::size_t most);

}  // namespace callslip::schema
