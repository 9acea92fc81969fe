#include "index/text/character_class.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <array>

namespace callslip {
namespace {

constexpr char32_t kTableSize = 0x10000;

CharacterClass classify(char32_t code_point) {
  const auto c = static_cast<UChar32>(code_point);
  const bool mark = (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
  if (!u_isalnum(c) && !mark && c != '_') return CharacterClass::separator;
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(c, &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_KATAKANA_OR_HIRAGANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO:
      return CharacterClass::unspaced;
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
      return CharacterClass::joined;
    default:
      // The prolonged sound mark belongs to both kana; so do the marks of the half-width ones.
      return c == 0x30FC || c == 0xFF70 || c == 0xFF9E || c == 0xFF9F ? CharacterClass::unspaced
                                                                      : CharacterClass::letter;
  }
}

}  // namespace

CharacterClass character_class(char32_t code_point) {
  static const auto table = [] {
    std::array<CharacterClass, kTableSize> classes{};
    for (char32_t c = 0; c < kTableSize; ++c) classes[c] = classify(c);
    return classes;
  }();
  return code_point < kTableSize ? table[code_point] : classify(code_point);
}

}  // namespace callslip
