// ReadingOrder: right-to-left text from the order of the eye into that of reading.
//
// Unicode's bidirectional algorithm, inverted by ICU. Several texts can look alike; the one is
// taken that looks as the line does when it is laid out again.
//
// Pure functions: any thread.
#pragma once

#include <string>
#include <vector>

namespace callslip {

/// A letter of a right-to-left script.
bool is_from_the_right(char16_t c);

/// A line as it stands, from left to right, in the order of reading. `mirrored`: its brackets are
/// as they look, so that `(` opens what is on its right.
std::u16string reading_order(const std::u16string& line, bool mirrored = false);

/// Whether the brackets of right-to-left lines are as they look, and not as they are meant: some
/// programs write the one, some the other into a PDF.
bool has_mirrored_brackets(const std::vector<std::u16string>& lines);

}  // namespace callslip
