// What clients mirror in the headers of a request: plain text, or "=?base64?...?=" where that would
// not do.
//
// Stateless; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace callslip {

/// The text that a header's value stands for; nothing: it is not written as the protocol has it.
std::optional<std::string> decoded_header_value(std::string_view value);

}  // namespace callslip
