// CharacterClass: what a code point is to the analyzer. Unicode's own properties, in one table.
#pragma once

#include <cstdint>

namespace callslip {

enum class CharacterClass : std::uint8_t {
  separator,
  letter,    // letters, digits, marks: parts of a word
  unspaced,  // Han, kana, Hangul: letters that mean something alone and in pairs
  joined     // Thai, Lao, Khmer, Burmese: alphabets that put no space between words
};

CharacterClass character_class(char32_t code_point);

}  // namespace callslip
