// Abbreviations: whether a word before a full stop is one, so that the stop may end no sentence.
//
// Immutable tables: any thread. Words are UTF-8, without the final stop ("e.g", "Mr", "стр").
#pragma once

#include <string_view>

namespace callslip {

enum class Abbreviation {
  no,
  never_last,     // "Mr": what follows belongs to it
  before_number,  // "No", "Fig", "стр": no sentence ends where a number follows
  maybe_last,     // "etc", "Inc": a capital after it begins a sentence
  letters,        // "U.S", "J": only a word that begins sentences, such as "The", ends it
};

Abbreviation abbreviation(std::string_view word);

/// "The", "However": words that are capitalised only because they begin a sentence.
bool begins_sentences(std::string_view word);

/// A German month: "3. Mai" is a date.
bool is_german_month(std::string_view word);

}  // namespace callslip
