// What becomes of a configuration's value when an entry is merged into it, whatever its format.
// The editors of text are checked against this.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace callslip {

/// Says how to connect: removed from an entry where the new one does not have it.
bool is_connection_key(const std::string& key);

/// The entry as it shall be.
nlohmann::ordered_json merge_entry(const nlohmann::ordered_json& existing,
                                   const nlohmann::ordered_json& wanted);

/// The position of the array's element with the same "name" or "id" as the wanted one.
std::optional<std::size_t> find_entry(const nlohmann::ordered_json& array,
                                      const nlohmann::ordered_json& wanted);

/// All of it. The shapes must fit, as config_merge.h says.
nlohmann::ordered_json merge_values(const nlohmann::ordered_json& existing,
                                    const nlohmann::ordered_json& wanted);

/// Equal, whatever the order of members.
bool same_value(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b);

}  // namespace callslip
