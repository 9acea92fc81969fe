// CodeSyntax: what is known of a language of programming: how its comments and strings are
// written, and how its definitions are told.
//
// Constants: any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace callslip {

/// How the definitions of a language are found.
enum class Outlining : std::uint8_t {
  none,
  braces,    // a header before a brace: C and what looks like it
  keywords,  // a keyword at the beginning of a line: Python, Ruby, SQL, Kconfig
  sections   // "[name]" on a line: INI, TOML
};

struct CodeSyntax {
  std::string_view types = {};          // of documents, each between spaces
  std::string_view line_comments = {};  // what begins them, parted by spaces
  std::string_view comment_open = {};   // empty: there are no block comments
  std::string_view comment_close = {};
  std::string_view quotes = {};       // characters that open and close a string
  std::string_view tall_quotes = {};  // those of them whose strings may go on over lines
  bool escapes = true;                // a backslash takes the next character into the string
  bool triple_quotes = false;         // """...""" as well
  bool characters = false;            // 'x' is a character, and an apostrophe alone is neither
  bool raw_strings = false;           // R"x(...)x"
  bool directives = false;            // lines that begin with # are the preprocessor's
  bool hash_after_space = false;      // a # within a word begins no comment: $#, ${x#y}
  bool kebab = false;                 // identifiers hold hyphens
  bool nested_comments = false;
  bool patterns = false;  // /x/ is a pattern where a value may stand
  bool any_case = false;  // of keywords
  Outlining outlining = Outlining::none;
  /// Outlining::keywords: "keyword" or "keyword=kind", parted by spaces. Outlining::braces: those
  /// that open a scope in which definitions are looked for, "keyword" or "keyword=kind".
  std::string_view definitions = {};
  /// Outlining::braces: what stands before a function's name, or nothing: C, Java.
  std::string_view function_keyword = {};
};

/// By the type of a document ("cpp", "python"); of unknown types: no comments, no strings.
const CodeSyntax& code_syntax(std::string_view type);

}  // namespace callslip
