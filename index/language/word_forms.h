// WordForms: the terms under which one word is indexed or sought in a language.
//
// Case is folded, compatibility forms (full width, ligatures, Arabic presentation forms) are
// composed, digits of all scripts are one. The stem has no accents; where the stem of the word
// without accents is another, it is a second form: a query that leaves accents out finds it.
//
// Not thread-safe: one per thread. Stemmers are made when first needed.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/language/language.h"

namespace callslip {

class WordForms {
 public:
  WordForms();
  ~WordForms();
  WordForms(WordForms&&) noexcept;
  WordForms& operator=(WordForms&&) noexcept;

  /// Appends the forms, each once, that are not in `forms` already. `word`: letters, digits, marks.
  void add(std::string_view word, Language language, std::vector<std::string>& forms);

 private:
  class Stemmers;
  std::unique_ptr<Stemmers> stemmers_;
};

/// The text in compatibility-composed, case-folded form: half-width kana become whole ones.
std::string compatibility_folded(std::string_view utf8);

}  // namespace callslip
