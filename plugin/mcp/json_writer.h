// Prints JSON: what nlohmann's dump() prints, several times faster, because most of what we send is
// text that needs no escape. Bytes that are not UTF-8 become U+FFFD, so that what goes out is
// valid.
//
// Stateless; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace callslip {

/// Appends to `out`.
void write_json(const nlohmann::json& value, std::string& out);

}  // namespace callslip
