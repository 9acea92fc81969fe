// Percent-encoding of URIs (RFC 3986).
//
// Pure functions over bytes: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace callslip {

/// What may stand in a path stands as it is, '/' included.
std::string percent_encode_path(std::string_view text);

/// For one part of a URI: nothing but unreserved characters stands as it is.
std::string percent_encode(std::string_view text);

/// Escapes that are none stay as they are.
std::string percent_decode(std::string_view text);

/// Nothing where an escape is none.
std::optional<std::string> percent_decode_strictly(std::string_view text);

}  // namespace callslip
