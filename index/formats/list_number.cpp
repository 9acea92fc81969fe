#include "index/formats/list_number.h"

#include <algorithm>
#include <utility>

namespace callslip {
namespace {

std::string roman(int number) {
  static constexpr std::pair<int, std::string_view> digits[] = {
      {1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"},
      {40, "xl"},  {10, "x"},   {9, "ix"},  {5, "v"},    {4, "iv"},  {1, "i"}};
  std::string out;
  for (const auto& [value, text] : digits) {
    for (; number >= value; number -= value) out += text;
  }
  return out;
}

/// a ... z, aa, bb, ...
std::string letters(int number) {
  const int repeat = std::min((number - 1) / 26 + 1, 16);
  return std::string(static_cast<std::size_t>(repeat), static_cast<char>('a' + (number - 1) % 26));
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c - 'a' + 'A');
  return text;
}

}  // namespace

std::string format_number(int number, std::string_view format) {
  if (format == "none") return {};
  if (number >= 1 && number < 4000) {
    if (format == "lowerRoman") return roman(number);
    if (format == "upperRoman") return upper(roman(number));
    if (format == "lowerLetter") return letters(number);
    if (format == "upperLetter") return upper(letters(number));
  }
  if (format == "decimalZero" && number >= 0 && number < 10) return "0" + std::to_string(number);
  if (format == "ordinal") {
    const bool teen = number % 100 >= 11 && number % 100 <= 13;
    const int last = teen ? 0 : number % 10;
    return std::to_string(number) + (last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th");
  }
  return std::to_string(number);
}

}  // namespace callslip
