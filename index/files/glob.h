// Glob: a pattern for paths, compiled once and matched often.
//
//   *      any run of characters within one path component
//   **     any run, across components; `a/**/b` also matches `a/b`, `a/**` all that is below `a`
//   ?      one character (a UTF-8 code point) other than `/`
//   [a-z]  one character of a class, never `/`; `[!…]` and `[^…]` negate; `[[:digit:]]` works
//   \      takes the next character as it is
//   x/     a final slash means all that is below the folders that `x` matches
//
// A pattern without `/` (other than a final one) matches base names; any other one matches the
// whole path. An unclosed `[` stands for itself; `[[:nonsense:]]` matches nothing.
//
// Matching takes time proportional to pattern times path at worst: there is no backtracking.
// Immutable after construction: any thread may call it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callslip {

class Glob {
 public:
  explicit Glob(std::string_view pattern);

  /// The dialect of ignore files, as git reads it: matches the whole of what it is given, byte by
  /// byte; `**` crosses `/` only as a whole component; a malformed pattern matches nothing.
  static Glob ignore_rule(std::string_view pattern);

  /// `path` has no leading "./"; a directory may be given with a final slash, to see whether the
  /// pattern takes everything below it.
  bool matches(std::string_view path) const;

  /// As it was given.
  const std::string& pattern() const { return pattern_; }

  /// Whether the text says anything but itself: it has a wildcard or an escape.
  static bool has_wildcards(std::string_view text);

 private:
  // any_directories is `**/`: nothing, or whatever ends with a slash.
  enum class Kind { literal, any_character, any_of_class, any_run, any_path, any_directories };
  struct CharacterClass {
    bool negated = false;
    std::vector<std::pair<char32_t, char32_t>> ranges;  // first and last, both included
    bool contains(char32_t character) const;
  };
  struct Token {
    Kind kind = Kind::literal;
    char32_t character = 0;       // literal
    std::size_t class_index = 0;  // any_of_class
  };
  enum class Dialect { paths, ignore_file };
  enum class ClassSyntax { complete, unclosed, malformed };
  class StateSet;

  Glob() = default;
  void compile(std::string_view pattern, Dialect dialect);
  void compile_stars(std::string_view pattern, std::size_t& at, Dialect dialect);
  ClassSyntax compile_class(std::string_view pattern, std::size_t& at);
  void add_literal(char32_t character);
  void split_off_literals();
  char32_t next_character(std::string_view text, std::size_t& at) const;
  static bool may_be_empty(Kind kind);
  void enter(StateSet& states, std::size_t state) const;
  void step(std::size_t state, char32_t character, StateSet& next) const;
  bool matches_tokens(std::string_view text) const;

  std::string pattern_;
  bool base_name_ = false;     // match what follows the last slash
  bool bytes_ = false;         // characters are bytes
  bool never_ = false;         // malformed
  std::string prefix_;         // literal beginning; the whole pattern when it has no wildcard
  std::string suffix_;         // literal end, behind the last wildcard
  std::vector<Token> tokens_;  // between them
  std::string needle_;         // the longest literal among these
  std::vector<CharacterClass> classes_;
};

}  // namespace callslip
