#include "index/formats/office/sheet_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace callslip {
namespace {

constexpr int max_decimals = 30;

}  // namespace

std::string fixed_number(double value, int decimals) {
  decimals = std::min(decimals, max_decimals);
  std::array<char, 400> buffer;
  const double size = std::fabs(value);
  if (!(size < 1e15)) {
    const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
    return std::string(buffer.data(), static_cast<std::size_t>(std::max(length, 0)));
  }
  std::snprintf(buffer.data(), buffer.size(), "%.14e", size);  // d.dddddddddddddde-xx
  const std::string_view printed(buffer.data());
  std::string digits(1, printed[0]);
  digits += printed.substr(2, 14);
  int whole = std::atoi(buffer.data() + printed.find('e') + 1) + 1;  // digits before the point
  const int kept = whole + decimals;
  if (kept < 0) {
    digits.clear();
    whole = -decimals;
  } else {
    const auto count = static_cast<std::size_t>(kept);
    const bool up = count < digits.size() && digits[count] >= '5';
    digits.resize(count, '0');
    std::size_t i = count;
    while (up && i > 0 && digits[i - 1] == '9') digits[--i] = '0';
    if (up && i > 0) {
      ++digits[i - 1];
    } else if (up) {
      digits.insert(0, 1, '1');
      ++whole;
    }
  }
  if (whole <= 0) {
    digits.insert(0, static_cast<std::size_t>(1 - whole), '0');
    whole = 1;
  }
  if (decimals > 0) digits.insert(static_cast<std::size_t>(whole), 1, '.');
  return value < 0 ? "-" + digits : digits;
}

std::string general_number(double value) {
  if (!std::isfinite(value)) return "#NUM!";
  if (value == 0) return "0";
  const double size = std::fabs(value);
  std::array<char, 64> buffer;
  if (size >= 1e-4 && size < 1e15) {  // where printf's %g has no exponent
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                            std::chars_format::general, 15);
    if (error == std::errc()) return std::string(buffer.data(), end);
  }
  std::snprintf(buffer.data(), buffer.size(), size < 1e15 && size >= 1e-5 ? "%.15g" : "%.15G",
                value);
  std::string text(buffer.data());
  if (text.find('e') == text.npos || size >= 1e15) return text;
  text = fixed_number(value, 20);  // 0.00001234: no exponent
  while (text.ends_with('0')) text.pop_back();
  return text;
}

std::string padded_number(std::int64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

}  // namespace callslip
