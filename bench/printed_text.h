// PrintedText: how far an extracted text is from what was printed. Pure functions.
//
// Both texts are brought to NFC, to white space of one blank (none between Chinese or Japanese
// characters, which no line end parts), to `-` for the hyphens of Unicode, and lose list bullets
// and the characters that only direct the layout. A hyphen that ends a line behind a letter, with
// the line end, counts as a hyphen or as nothing, whichever the reference has.
//
// Of texts that were not printed but written (Office files) everything counts but the amount of
// white space: a run of it is one blank, or as many tabs as it has (they part a sheet's cells).
// List bullets at the beginning of a line go, from both; so do the characters that BlockWriter
// takes out (soft hyphens, zero-width spaces), and a no-break hyphen is a hyphen. No hyphen is
// joined.
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

enum class TextOrigin { printed, written };

/// With `show`, prints the words that differ, and the first places.
PrintedErrors compare_printed(std::string_view text, std::string_view reference, TextOrigin origin,
                              bool show);

}  // namespace callslip
