// Language: the natural languages that a text may be in, as far as they can be told apart, and how
// the analyzer treats the words of each.
//
// Values and pure functions: any thread. The numbers are stored in catalogs: add at the end only.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace callslip {

enum class Language : std::uint8_t {
  unknown,  // not told: words are stemmed as the usual language of their script does
  none,     // of no language: identifiers, figures; words are not stemmed
  ar,
  be,
  bg,
  bn,
  ca,
  cs,
  da,
  de,
  el,
  en,
  es,
  et,
  eu,
  fa,
  fi,
  fr,
  ga,
  he,
  hi,
  hr,
  hu,
  hy,
  id,
  it,
  ja,
  ka,
  km,
  ko,
  lo,
  lt,
  lv,
  mr,
  my,
  ne,
  nl,
  no,
  pl,
  pt,
  ro,
  ru,
  sk,
  sl,
  sr,
  sv,
  ta,
  te,
  th,
  tr,
  uk,
  ur,
  vi,
  zh,
  count
};

/// The ISO 639-1 code; empty for unknown and none.
std::string_view code_of(Language language);

/// Language::unknown for a code that is not one of ours.
Language language_from_code(std::string_view code);

/// The language of a stored number; Language::unknown for one that this version does not know.
Language language_from_number(std::uint32_t number);

/// A set of languages, as a value.
class LanguageSet {
 public:
  constexpr LanguageSet() = default;
  constexpr LanguageSet(std::initializer_list<Language> languages) {
    for (const Language language : languages) insert(language);
  }
  /// From bits(), which is what is stored.
  static constexpr LanguageSet from_bits(std::uint64_t bits) {
    LanguageSet set;
    set.bits_ = bits & ((std::uint64_t{1} << static_cast<int>(Language::count)) - 1);
    return set;
  }

  constexpr void insert(Language language) { bits_ |= bit(language); }
  constexpr void insert(LanguageSet other) { bits_ |= other.bits_; }
  constexpr bool contains(Language language) const { return (bits_ & bit(language)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint64_t bits() const { return bits_; }
  friend constexpr bool operator==(LanguageSet, LanguageSet) = default;

 private:
  static constexpr std::uint64_t bit(Language language) {
    return std::uint64_t{1} << static_cast<int>(language);
  }
  static_assert(static_cast<int>(Language::count) < 64);

  std::uint64_t bits_ = 0;
};

}  // namespace callslip
