// FoldedText: a text brought to a form in which equal readings are equal bytes, for comparing what
// a model wrote with what a document says.
//
// Pure functions over UTF-8: any thread. Undecodable bytes are kept, as U+FFFD.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/reader.h"

namespace callslip {

struct FoldedText {
  std::string bytes;
  std::vector<ByteSpan> origins;  // for each of `bytes`: the character of the original it is from
};

/// One space for white space; case folded; compatibility forms (width, ligatures) and composed
/// letters decomposed; dashes and ellipses in ASCII; quotation marks and Markdown's marks dropped.
FoldedText fold_text(std::string_view text);

/// What fold_text made, its letters and digits alone.
FoldedText squeeze_text(const FoldedText& folded);

/// How much reading there is in a text.
struct TextMeasure {
  std::size_t words = 0;         // in scripts without spaces: characters
  std::size_t letter_bytes = 0;  // of letters and digits
  std::size_t letters = 0;       // characters that are letters or digits
  std::size_t marks = 0;         // the other ones, without white space
};
TextMeasure measure_text(std::string_view text);

bool is_word_character(char32_t c);
/// Of a script that parts no words: Chinese, Japanese, Thai, ...
bool is_unspaced_script(char32_t c);

}  // namespace callslip
