// Hashes: XXH3, 64 and 128 bits. Not cryptographic.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace callslip {

std::uint64_t hash64(std::string_view bytes);

/// The same bytes have another hash for each seed.
std::array<unsigned char, 16> hash128(std::string_view bytes, std::uint64_t seed);

/// 16 hexadecimal digits.
std::string hex64(std::uint64_t value);

}  // namespace callslip
