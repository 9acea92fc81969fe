// FormWords: the words in which people say how an answer should look, by language and by role.
//
// Immutable tables: any thread. A language is one entry of form_languages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace callslip {

/// What a word can be in such a sentence; a set of these bits.
using FormRoles = std::uint32_t;

namespace form_role {
inline constexpr FormRoles polite = 1U << 0;     // please, could you
inline constexpr FormRoles answers = 1U << 1;    // answer, reply: verbs of nothing else
inline constexpr FormRoles requests = 1U << 2;   // explain, give, write
inline constexpr FormRoles filler = 1U << 3;     // the, your, result, only
inline constexpr FormRoles prefix = 1U << 4;     // in, as, with: a form may follow
inline constexpr FormRoles shape = 1U << 5;      // as, format: what is beside it is a form
inline constexpr FormRoles number = 1U << 6;     // one, 3, fewer
inline constexpr FormRoles unit = 1U << 7;       // sentence, words: a form with a number
inline constexpr FormRoles layout = 1U << 8;     // bullets, step by step: a form by itself
inline constexpr FormRoles format = 1U << 9;     // JSON, table
inline constexpr FormRoles language = 1U << 10;  // English
inline constexpr FormRoles manner = 1U << 11;    // briefly
inline constexpr FormRoles quality = 1U << 12;   // short, simple
inline constexpr FormRoles asks = 1U << 13;      // what, how: a question begins
inline constexpr FormRoles joins = 1U << 14;     // and, but: a clause begins
}  // namespace form_role

inline constexpr std::size_t form_role_count = 15;

/// Each list by blanks, in small letters; "_" stands for the blank inside a phrase.
struct FormLanguage {
  std::string_view code;
  std::string_view lists[form_role_count];  // in the order of the roles
};

std::span<const FormLanguage> form_languages();

/// The roles of a word or phrase in a language (its number in form_languages): 0 for a word of
/// anything else. Numbers in digits and formats such as JSON are the same in all.
FormRoles form_roles(std::size_t language, const std::string& word);

/// The most words that a phrase of any language has.
inline constexpr std::size_t longest_form_phrase = 6;

}  // namespace callslip
