// LightStemmer: stems for languages that Xapian has no stemmer for: inflections of nouns and
// adjectives are cut off by a list of endings, the longest that leaves a stem.
//
// J. Savoy, "Light stemming approaches for the French, Portuguese, German and Hungarian languages"
// (2006) is the approach; A. Ramanathan and D. Rao, "A lightweight stemmer for Hindi" (2003), the
// Hindi endings. Pure functions: any thread.
#pragma once

#include <string_view>

#include "index/language/language.h"

namespace callslip {

bool has_light_stemmer(Language language);

/// The stem, a prefix of `word`, which is in small letters; Greek without accents.
std::string_view light_stem(std::string_view word, Language language);

}  // namespace callslip
