// Numbers as spreadsheets write them.
//
// Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace callslip {

/// With ties rounded away from zero, in the 15 decimal digits that spreadsheets count with: 0.5 is
/// 1, and 1.005 is 1.01, whatever their binary fractions are.
std::string fixed_number(double value, int decimals);

/// The number as a sheet shows it where nothing else is said: up to 15 digits.
std::string general_number(double value);

/// With zeros before it, to so many characters.
std::string padded_number(std::int64_t value, std::size_t width);

}  // namespace callslip
