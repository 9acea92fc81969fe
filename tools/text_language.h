// TextLanguage: the language in which a text is written.
//
// By script where the script tells, else by each language's most frequent words: sharp enough for a
// paragraph, and silent where there is too little to go by. Libraries that do more (libexttextcat,
// CLD2) need data files at run time or megabytes of tables. Pure functions: any thread.
#pragma once

#include <string_view>

#include "index/parsed_document.h"

namespace callslip {

/// Its ISO 639-1 code, such as "en"; empty where the text does not tell. Of code only what its
/// comments say counts. Looks at the first few kilobytes.
std::string_view language_of(std::string_view text, TextKind kind = TextKind::prose);

/// Whether a word is among a language's most frequent ones: articles, prepositions, question
/// words. `word`: in small letters; `language`: an ISO 639-1 code; empty: of any.
bool is_function_word(std::string_view word, std::string_view language);

}  // namespace callslip
