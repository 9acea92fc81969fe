#include "index/text/abbreviations.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "index/text/utf8_steps.h"

namespace callslip {
namespace {

// ASCII words are in lower case; Cyrillic ones also as they begin a line.
constexpr std::array never_last_words = {
    "mr",   "mrs",   "ms",   "dr",   "prof", "messrs", "st",   "gen",  "col",  "sgt",  "capt",
    "lt",   "cmdr",  "rev",  "hon",  "gov",  "sen",    "rep",  "pres", "e.g",  "i.e",  "eg",
    "viz",  "vs",    "v",    "cf",   "ca",   "approx", "incl", "resp", "esp",  "mt",   "mme",
    "mlle", "sra",   "srta", "dra",  "sig",  "dott",   "hr",   "fr",   "frau", "z.b",  "d.h",
    "u.a",  "bzw",   "vgl",  "sog",  "evtl", "ggf",    "bspw", "geb",  "p.ex", "p.ej", "т.е",
    "т.к",  "т.н",   "т.о",  "им",   "ул",   "тов",    "гр",   "акад", "проф", "доц",  "напр",
    "см",   "ср",    "Им",   "Ул",   "Тов",  "Проф",   "Напр", "См",   "Ср",   "св",   "о",
    "пр",   "наб",   "пл",   "обл",  "англ", "лат",    "нем",  "фр",   "греч", "ibid", "ed",
    "eds",  "trans", "repr", "orig", "chap",
};

constexpr std::array before_number_words = {
    "no",  "nos", "fig", "figs", "eq",  "eqs",  "sec",  "sect", "ch",   "vol",  "vols", "pp",
    "p",   "art", "tab", "tbl",  "ex",  "par",  "para", "ver",  "nr",   "abb",  "s",    "kap",
    "bd",  "núm", "pág", "cap",  "стр", "рис",  "табл", "гл",   "п",    "пп",   "ст",   "вып",
    "том", "т",   "с",   "д",    "кв",  "корп", "разд", "Стр",  "Рис",  "Табл", "Гл",   "Ст",
    "jan", "feb", "mar", "apr",  "jun", "jul",  "aug",  "sep",  "sept", "oct",  "nov",  "dec",
    "app", "op",  "c",   "l",    "ln",  "ll",   "rev",  "прим", "илл",
};

constexpr std::array maybe_last_words = {
    "etc", "inc",  "ltd",  "co",   "corp", "jr",   "sr",   "bros", "al",   "a.m",
    "p.m", "ph.d", "b.c",  "a.d",  "usw",  "ecc",  "gmbh", "т.д",  "т.п",  "др",
    "пр",  "гг",   "вв",   "млн",  "млрд", "тыс",  "руб",  "коп",  "чел",  "экз",
    "мин", "сек",  "dept", "univ", "ave",  "blvd", "rd",   "est",  "misc", "max",
    "min", "avg",  "temp", "ext",  "tel",  "ft",   "n.b",  "н.э",  "проч",
};

constexpr std::array sentence_starters = {
    "The",   "A",     "An",    "It",    "Its",     "He",       "She",    "They",   "We",
    "I",     "You",   "In",    "On",    "At",      "By",       "For",    "From",   "To",
    "With",  "But",   "And",   "Or",    "So",      "This",     "That",   "These",  "Those",
    "There", "Here",  "If",    "When",  "While",   "As",       "After",  "Before", "However",
    "His",   "Her",   "Their", "Our",   "My",      "Your",     "What",   "Who",    "Why",
    "How",   "Where", "Which", "Since", "Because", "Although", "Though", "Then",   "Thus",
    "Some",  "Many",  "Most",  "All",   "Each",    "No",       "Not",    "Also",   "Das",
    "Der",   "Die",   "Es",    "Er",    "Sie",     "Wir",      "Le",     "La",     "Les",
    "Il",    "Elle",  "El",    "Los",   "Las",     "Он",       "Она",    "Они",    "Оно",
    "Это",   "В",     "На",    "Но",    "И",       "Мы",       "Вы",     "Если",   "Когда",
    "Как",   "Так",   "Для",   "По",    "После",   "Однако",   "Этот",   "Эта",    "Эти",
};

constexpr std::array german_months = {
    "Januar", "Jänner", "Februar",   "März",    "April",    "Mai",      "Juni",
    "Juli",   "August", "September", "Oktober", "November", "Dezember",
};

using Table = std::unordered_map<std::string_view, Abbreviation>;
using Words = std::unordered_set<std::string_view>;

const Table& table() {
  static const Table words = [] {
    Table made;
    for (const char* word : never_last_words) made.emplace(word, Abbreviation::never_last);
    for (const char* word : before_number_words) made.emplace(word, Abbreviation::before_number);
    for (const char* word : maybe_last_words) made.emplace(word, Abbreviation::maybe_last);
    return made;
  }();
  return words;
}

/// "U.S", "J", "т.е": single letters between the stops, the first one a capital.
bool is_letters(std::string_view word) {
  std::size_t pos = 0;
  bool first = true;
  while (pos < word.size()) {
    const utf8::CodePoint c = utf8::at(word, pos);
    const auto letter = static_cast<UChar32>(c.value);
    if (!u_isalpha(letter) || (first && !u_isupper(letter))) return false;
    first = false;
    pos += c.length;
    if (pos == word.size()) return true;
    if (word[pos++] != '.') return false;
  }
  return false;
}

}  // namespace

Abbreviation abbreviation(std::string_view word) {
  constexpr std::size_t longest = 12;
  if (word.empty() || word.size() > longest) return Abbreviation::no;
  std::array<char, longest + 1> lower{};
  std::transform(word.begin(), word.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const auto found = table().find(std::string_view(lower.data(), word.size()));
  // "E.g." is one of the list, "S." an initial.
  const bool listed = found != table().end() && (word.size() > 1 || word == lower.data());
  if (listed) return found->second;
  return is_letters(word) ? Abbreviation::letters : Abbreviation::no;
}

bool begins_sentences(std::string_view word) {
  static const Words words(sentence_starters.begin(), sentence_starters.end());
  return words.count(word) > 0;
}

bool is_german_month(std::string_view word) {
  static const Words words(german_months.begin(), german_months.end());
  return words.count(word) > 0;
}

}  // namespace callslip
