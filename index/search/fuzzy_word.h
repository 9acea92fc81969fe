// FuzzyWord: which terms of an ordered dictionary are close to a word.
//
// The distance is the optimal string alignment (Damerau, "A technique for computer detection and
// correction of spelling errors", 1964): letters put in, left out, replaced, or two neighbours
// exchanged. Terms are shown in byte order; the table of distances is kept for the letters that a
// term shares with the one before, and where nothing that begins like a term can be close, the
// dictionary is told where to go on (Schulz and Mihov, "Fast string correction with Levenshtein
// automata", 2002, do so with an automaton). Not thread-safe; belongs to one search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callslip {

/// A term of a dictionary that is close to a word.
struct CloseTerm {
  std::string term;
  std::size_t distance = 0;
  std::uint64_t chunks = 0;  // that hold it
};

class FuzzyWord {
 public:
  /// At most `most` apart; a term with another first letter at most 1.
  FuzzyWord(std::string_view utf8, std::size_t most);

  struct Step {
    std::optional<std::size_t> distance;  // of the term, when it is close
    std::string next;                     // the first string that may be close after the term
  };
  /// `term` comes after the one of the call before in byte order.
  Step step(std::string_view term);

  /// Terms before the first and from the second on are written in other letters.
  const std::string& begin() const { return begin_; }
  const std::string& end() const { return end_; }

 private:
  std::size_t most_for(char32_t first) const { return first == word_[0] ? most_ : 1; }
  void add_row(char32_t letter);

  std::u32string word_;
  std::size_t most_;
  std::string begin_;
  std::string end_;

  std::u32string letters_;                      // of the last term, as far as it was looked at
  std::vector<std::vector<std::size_t>> rows_;  // of distances, one more than letters_
};

/// How far a word of so many letters may be from what was meant: 0, 1 or 2.
std::size_t spelling_tolerance(std::size_t letters);

}  // namespace callslip
