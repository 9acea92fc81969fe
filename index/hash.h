// Hashes of the index: XXH3, 64 bits. Not cryptographic.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace callslip {

std::uint64_t hash64(std::string_view bytes);

/// 16 hexadecimal digits.
std::string hex64(std::uint64_t value);

}  // namespace callslip
