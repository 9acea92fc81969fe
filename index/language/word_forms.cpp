#include "index/language/word_forms.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <xapian.h>

#include <algorithm>

#include "index/language/light_stemmer.h"

namespace callslip {
namespace {

enum class Script : std::uint8_t {
  latin,
  cyrillic,
  greek,
  arabic,
  devanagari,
  armenian,
  tamil,
  other
};

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

/// The script that a language is written in, and how Xapian calls its stemmer.
struct Habit {
  Language language;
  Script script;
  const char* stemmer;  // nullptr: light_stem, which may have none
};

constexpr Habit habits[] = {
    {Language::ar, Script::arabic, "arabic"},
    {Language::be, Script::cyrillic, nullptr},
    {Language::bg, Script::cyrillic, nullptr},
    {Language::ca, Script::latin, "catalan"},
    {Language::cs, Script::latin, nullptr},
    {Language::da, Script::latin, "danish"},
    // Writes ae, oe, ue as ä, ö, ü before it stems.
    {Language::de, Script::latin, "german2"},
    {Language::el, Script::greek, nullptr},
    {Language::en, Script::latin, "english"},
    {Language::es, Script::latin, "spanish"},
    {Language::et, Script::latin, nullptr},
    {Language::eu, Script::latin, "basque"},
    {Language::fa, Script::arabic, nullptr},
    {Language::fi, Script::latin, "finnish"},
    {Language::fr, Script::latin, "french"},
    {Language::ga, Script::latin, "irish"},
    {Language::hi, Script::devanagari, nullptr},
    {Language::hr, Script::latin, nullptr},
    {Language::hu, Script::latin, "hungarian"},
    {Language::hy, Script::armenian, "armenian"},
    {Language::id, Script::latin, "indonesian"},
    {Language::it, Script::latin, "italian"},
    {Language::lt, Script::latin, "lithuanian"},
    {Language::lv, Script::latin, nullptr},
    {Language::mr, Script::devanagari, nullptr},
    {Language::ne, Script::devanagari, "nepali"},
    {Language::nl, Script::latin, "dutch"},
    {Language::no, Script::latin, "norwegian"},
    {Language::pl, Script::latin, nullptr},
    {Language::pt, Script::latin, "portuguese"},
    {Language::ro, Script::latin, "romanian"},
    {Language::ru, Script::cyrillic, "russian"},
    {Language::sk, Script::latin, nullptr},
    {Language::sl, Script::latin, nullptr},
    {Language::sr, Script::cyrillic, nullptr},
    {Language::sv, Script::latin, "swedish"},
    {Language::ta, Script::tamil, "tamil"},
    {Language::tr, Script::latin, "turkish"},
    {Language::uk, Script::cyrillic, nullptr},
    {Language::ur, Script::arabic, nullptr},
    {Language::vi, Script::latin, nullptr},
};

const Habit* habit_of(Language language) {
  const auto* const end = std::end(habits);
  const auto* found = std::find_if(std::begin(habits), end,
                                   [&](const Habit& habit) { return habit.language == language; });
  return found == end ? nullptr : found;
}

/// The language that a word is stemmed in: the text's where its script is the word's, else the one
/// that most texts of that script are in.
Language stemming_language(Language language, Script script) {
  if (language == Language::none) return Language::none;
  if (const Habit* habit = habit_of(language); habit != nullptr && habit->script == script) {
    return language;
  }
  switch (script) {
    case Script::latin:
      return Language::en;
    case Script::cyrillic:
      return Language::ru;
    case Script::greek:
      return Language::el;
    case Script::arabic:
      return Language::ar;
    case Script::devanagari:
      return Language::hi;
    case Script::armenian:
      return Language::hy;
    case Script::tamil:
      return Language::ta;
    case Script::other:
      break;
  }
  return Language::none;
}

Script script_of(UChar32 c) {
  if (c < 0x250) return Script::latin;
  if (c >= 0x400 && c < 0x530) return Script::cyrillic;
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(c, &status)) {
    case USCRIPT_LATIN:
    case USCRIPT_INHERITED:
    case USCRIPT_COMMON:
      return Script::latin;
    case USCRIPT_CYRILLIC:
      return Script::cyrillic;
    case USCRIPT_GREEK:
      return Script::greek;
    case USCRIPT_ARABIC:
      return Script::arabic;
    case USCRIPT_DEVANAGARI:
      return Script::devanagari;
    case USCRIPT_ARMENIAN:
      return Script::armenian;
    case USCRIPT_TAMIL:
      return Script::tamil;
    default:
      return Script::other;
  }
}

const icu::Normalizer2* casefolder() {
  static const icu::Normalizer2* const instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    return icu::Normalizer2::getNFKCCasefoldInstance(status);
  }();
  return instance;
}

const icu::Normalizer2* decomposer() {
  static const icu::Normalizer2* const instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    return icu::Normalizer2::getNFDInstance(status);
  }();
  return instance;
}

icu::UnicodeString decode(std::string_view utf8) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())));
}

std::string encode(const icu::UnicodeString& text) {
  std::string utf8;
  text.toUTF8String(utf8);
  return utf8;
}

/// Letters that Unicode does not decompose, as those write them who do not have them.
const char16_t* plain_letters(UChar32 c) {
  switch (c) {
    case 0xE6:
      return u"ae";
    case 0xF0:
    case 0x111:
      return u"d";
    case 0xF8:
      return u"o";
    case 0xFE:
      return u"th";
    case 0x127:
      return u"h";
    case 0x131:
      return u"i";
    case 0x142:
      return u"l";
    case 0x153:
      return u"oe";
    case 0x167:
      return u"t";
    default:
      return nullptr;
  }
}

/// Without accents, of Latin and Greek letters.
std::string without_accents(std::string_view word) {
  if (is_ascii(word)) return std::string(word);
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString decomposed = decomposer()->normalize(decode(word), status);
  icu::UnicodeString plain;
  for (std::int32_t i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
    const UChar32 c = decomposed.char32At(i);
    if (c >= 0x300 && c < 0x370) continue;
    if (const char16_t* letters = plain_letters(c)) {
      plain.append(letters, -1);
    } else {
      plain.append(c);
    }
  }
  return encode(plain);
}

/// A letter as it is compared; 0: left out.
UChar32 plain_letter(UChar32 c, Script script) {
  if (u_charType(c) == U_DECIMAL_DIGIT_NUMBER) return '0' + u_charDigitValue(c);
  switch (script) {
    case Script::cyrillic:
      if (c == 0x300 || c == 0x301) return 0;  // stress
      return c == 0x451 ? 0x435 : c;           // ё
    case Script::arabic:
      if (c == 0x640 || u_charType(c) == U_NON_SPACING_MARK) return 0;  // stretching, vowels
      if (c == 0x6CC) return 0x64A;                                     // Persian yeh
      return c == 0x6A9 ? 0x643 : c;                                    // Persian kaf
    case Script::devanagari:
      return c == 0x93C ? 0 : c;  // nukta
    case Script::other:
      return c >= 0x591 && c < 0x5C8 ? 0 : c;  // points of Hebrew
    default:
      return c;
  }
}

/// Arabic letters that are written one for the other.
std::string plain_arabic(std::string_view word) {
  icu::UnicodeString text = decode(word);
  for (std::int32_t i = 0; i < text.length(); ++i) {
    const char16_t c = text[i];
    if (c == 0x622 || c == 0x623 || c == 0x625 || c == 0x671) text.setCharAt(i, 0x627);
    if (c == 0x649) text.setCharAt(i, 0x64A);
    if (c == 0x629) text.setCharAt(i, 0x647);
  }
  return encode(text);
}

/// Case-folded and composed, with accents.
std::string folded(std::string_view word, Language language, Script& script) {
  script = Script::latin;
  const bool turkish = language == Language::tr;
  if (is_ascii(word) && !(turkish && word.find('I') != word.npos)) {
    std::string lower(word);
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return lower;
  }
  icu::UnicodeString source = decode(word);
  if (turkish) {
    source.findAndReplace(icu::UnicodeString(char16_t{'I'}), icu::UnicodeString(char16_t{0x131}));
    source.findAndReplace(icu::UnicodeString(char16_t{0x130}), icu::UnicodeString(char16_t{'i'}));
  }
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString composed = casefolder()->normalize(source, status);
  if (U_FAILURE(status) != 0) return std::string(word);
  for (std::int32_t i = 0; i < composed.length(); i = composed.moveIndex32(i, 1)) {
    const Script own = script_of(composed.char32At(i));
    if (own != Script::latin) script = own;
  }
  icu::UnicodeString plain;
  for (std::int32_t i = 0; i < composed.length(); i = composed.moveIndex32(i, 1)) {
    if (const UChar32 c = plain_letter(composed.char32At(i), script); c != 0) plain.append(c);
  }
  std::string out = encode(plain);
  if (script == Script::greek) out = without_accents(out);
  return out;
}

bool is_name(std::string_view word) {
  return word.find_first_of("_0123456789") != std::string_view::npos;
}

void add_form(std::string form, std::vector<std::string>& forms) {
  if (!form.empty() && std::find(forms.begin(), forms.end(), form) == forms.end()) {
    forms.push_back(std::move(form));
  }
}

}  // namespace

class WordForms::Stemmers {
 public:
  std::string stem(const std::string& word, Language language) {
    if (language == Language::none) return word;
    const auto number = static_cast<std::size_t>(language);
    if (has_light_stemmer(language)) return std::string(light_stem(word, language));
    if (!made_[number]) {
      const Habit* habit = habit_of(language);
      made_[number] = std::make_unique<Xapian::Stem>(
          habit == nullptr || habit->stemmer == nullptr ? "none" : habit->stemmer);
    }
    return (*made_[number])(word);
  }

 private:
  std::array<std::unique_ptr<Xapian::Stem>, static_cast<std::size_t>(Language::count)> made_;
};

WordForms::WordForms() : stemmers_(std::make_unique<Stemmers>()) {}
WordForms::~WordForms() = default;
WordForms::WordForms(WordForms&&) noexcept = default;
WordForms& WordForms::operator=(WordForms&&) noexcept = default;

void WordForms::add(std::string_view word, Language language, std::vector<std::string>& forms) {
  Script script = Script::latin;
  const std::string whole = folded(word, language, script);
  if (is_name(whole)) language = Language::none;
  const Language stemming = stemming_language(language, script);
  std::string stem = stemmers_->stem(whole, stemming);
  if (script == Script::arabic) {
    add_form(plain_arabic(stem), forms);
    return;
  }
  if (script != Script::latin || is_ascii(whole)) {
    add_form(is_ascii(stem) || script != Script::latin ? std::move(stem) : without_accents(stem),
             forms);
    return;
  }
  add_form(without_accents(stem), forms);
  add_form(without_accents(stemmers_->stem(without_accents(whole), stemming)), forms);
  // Tones tell words apart; a query that has them prefers those that have them too.
  if (stemming == Language::vi) add_form(whole, forms);
}

std::string compatibility_folded(std::string_view utf8) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString composed = casefolder()->normalize(decode(utf8), status);
  return U_FAILURE(status) != 0 ? std::string(utf8) : encode(composed);
}

}  // namespace callslip
