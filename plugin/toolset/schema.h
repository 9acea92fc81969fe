// Pieces of JSON Schema that several tools share. Portable: no $ref, no oneOf or anyOf.
#pragma once

#include <nlohmann/json.hpp>

namespace callslip::schema {

nlohmann::json chunk();
nlohmann::json location();
/// Which chunks follow each other.
nlohmann::json passages();
nlohmann::json index();
/// A question as it was prepared.
nlohmann::json expanded();
nlohmann::json relaxed();
/// What read_chunks and submit_readings answer.
nlohmann::json reading();
nlohmann::json documents_argument();
nlohmann::json max_tokens_argument(std::size_t most);

}  // namespace callslip::schema
