// CharacterClass: what a code point is to the analyzer. Unicode's own properties, in one table.
#pragma once

#include <cstdint>

namespace callslip {

enum class CharacterClass : std::uint8_t {
  separator,
  letter,   // letters, digits, marks: parts of a word
  unspaced  // letters of scripts that put no space between words: Han, kana, Hangul, Thai, ...
};

CharacterClass character_class(char32_t code_point);

}  // namespace callslip
