#include "index/language/language.h"

#include <array>
#include <cstddef>

namespace callslip {
namespace {

constexpr std::size_t language_count = static_cast<std::size_t>(Language::count);

constexpr std::array<std::string_view, language_count> codes = {
    "",   "",   "ar", "be", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et",
    "eu", "fa", "fi", "fr", "ga", "he", "hi", "hr", "hu", "hy", "id", "it", "ja", "ka",
    "km", "ko", "lo", "lt", "lv", "mr", "my", "ne", "nl", "no", "pl", "pt", "ro", "ru",
    "sk", "sl", "sr", "sv", "ta", "te", "th", "tr", "uk", "ur", "vi", "zh"};
static_assert(codes.back() == "zh");

}  // namespace

std::string_view code_of(Language language) {
  const auto number = static_cast<std::size_t>(language);
  return number < language_count ? codes[number] : std::string_view();
}

Language language_from_code(std::string_view code) {
  if (code.empty()) return Language::unknown;
  for (std::size_t i = 0; i < language_count; ++i) {
    if (codes[i] == code) return static_cast<Language>(i);
  }
  return Language::unknown;
}

Language language_from_number(std::uint32_t number) {
  return number < language_count ? static_cast<Language>(number) : Language::unknown;
}

}  // namespace callslip
