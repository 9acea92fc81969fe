// Analyzer: from text to the terms that are searched.
//
// A word gives its stem (English for Latin letters, Russian for Cyrillic ones), without case or
// accents. An identifier (camelCase, snake_case) gives itself and its parts. A run of Chinese,
// Japanese, Korean or Thai letters gives its single letters and its pairs: words of two letters
// are found without a dictionary.
//
// Not thread-safe: one per thread. Memory is bounded: the vocabulary that it remembers is
// forgotten when it grows beyond a limit.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace callslip {

class Analyzer {
 public:
  /// What is indexed holds every form under which it may be sought; a query only the most
  /// specific one (pairs without their single letters).
  enum class Mode { index, query };

  struct Count {
    std::string_view term;  // valid until the next call of clear()
    std::uint32_t frequency = 0;
  };

  explicit Analyzer(Mode mode);
  ~Analyzer();
  Analyzer(Analyzer&&) noexcept;
  Analyzer& operator=(Analyzer&&) noexcept;

  /// Counts the terms of a text, in addition to what was counted since clear().
  void add(std::string_view utf8);

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
};
std::vector<QueryTerm> query_terms(std::string_view query);

}  // namespace callslip
