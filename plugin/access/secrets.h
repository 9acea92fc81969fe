// Secrets: random ones, their hashes, their comparison, and base64url. Over OpenSSL's libcrypto.
//
// Stateless: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace callslip {

/// SHA-256, 64 hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// Takes equally long for any two texts of one length.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// From the system's generator, as base64url. Throws std::runtime_error where there is none.
std::string random_secret(std::size_t bytes);

/// Without padding.
std::string base64url_encode(std::string_view bytes);
/// With or without padding; nothing for anything else, and for bits that would be lost.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace callslip
