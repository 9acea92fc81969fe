// PrintedText: how far an extracted text is from what was printed. Pure functions.
//
// Both texts are brought to NFC, to white space of one blank (none between Chinese or Japanese
// characters, which no line end parts), to `-` for the hyphens of Unicode, and lose list bullets
// and the characters that only direct the layout. A hyphen that ends a line behind a letter, with
// the line end, counts as a hyphen or as nothing, whichever the reference has.
//
// A line of the reference that begins with U+001F may stand anywhere (a footnote): it is compared
// with what is most like it in the text, and taken out there.
#pragma once

#include <cstddef>
#include <string_view>

namespace callslip {

struct PrintedErrors {
  std::size_t length = 0;    // of the reference, in code points
  std::size_t distance = 0;  // Levenshtein's, in the order of the reference
  std::size_t changed = 0;   // of the words' characters, whatever their order
  std::size_t lost = 0;      // characters of words that the text has too rarely
  std::size_t invented = 0;  // characters of words that the text has too often
};

/// With `show`, prints the words that differ, and the first places.
PrintedErrors compare_printed(std::string_view text, std::string_view reference, bool show);

}  // namespace callslip
