// Analyzer: from text to the terms that are searched.
//
// A word gives its stem in the language of its text (WordForms says which forms), without case or
// accents; a word of code gives itself. An identifier (camelCase, snake_case; kebab-case where the
// language of the code has it) gives itself and its parts. A run of Chinese, Japanese or Korean
// letters gives its single letters and its pairs: words of two letters are found without a
// dictionary. A run of Thai, Lao, Khmer or Burmese letters gives its words, by ICU's dictionaries.
//
// A query's words have the forms of every language that the index holds: see query_terms.
//
// Not thread-safe: one per thread. Memory is bounded: the vocabulary that it remembers is
// forgotten when it grows beyond a limit.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/language/language.h"

namespace callslip {

class Analyzer {
 public:
  /// What is indexed holds every form under which it may be sought; a query only the most
  /// specific one (pairs without their single letters).
  enum class Mode { index, query };

  struct Count {
    std::string_view term;  // valid until the next call of clear()
    std::uint32_t frequency = 0;
    std::uint32_t word = 0;  // forms of the same word of a query have the same number
    bool optional = false;   // a text that holds the words may not have this term
  };

  explicit Analyzer(Mode mode);
  ~Analyzer();
  Analyzer(Analyzer&&) noexcept;
  Analyzer& operator=(Analyzer&&) noexcept;

  /// The languages of what is added from now on; a text that is indexed has one.
  void set_languages(LanguageSet languages);

  /// Whether identifiers go on after a hyphen, from now on: Lisp, CSS.
  void set_kebab(bool kebab);

  /// Counts the terms of a text, in addition to what was counted since clear().
  void add(std::string_view utf8);

  /// Counts a path: its words, and its last few parts as they are written ("ext4/namei.c").
  void add_path(std::string_view path);

  /// The distinct terms counted since clear(), in order of first appearance.
  std::vector<Count> counts() const;

  /// Occurrences counted since clear().
  std::uint32_t length() const;

  void clear();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The distinct terms of a query and how often each occurs in it.
struct QueryTerm {
  std::string term;
  std::uint32_t frequency = 1;
  std::uint32_t word = 0;  // terms with the same number are forms of one word
  bool optional = false;   // a text that holds the words may not have this term
};

/// `languages`: those of the texts that are searched (Snapshot::languages); a word has its forms in
/// each of them.
std::vector<QueryTerm> query_terms(std::string_view query,
                                   LanguageSet languages = {Language::unknown});

}  // namespace callslip
