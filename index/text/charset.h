// Charset: guesses and converts encodings other than UTF-8 (uchardet guesses, ICU converts).
//
// Pure functions: any thread may call them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace callslip {

struct Conversion {
  std::string text;             // UTF-8, U+FFFD for what could not be decoded, no leading BOM
  std::size_t undecodable = 0;  // how many U+FFFD that made
};

/// Converts from the charset of that name: ICU's, IANA's, uchardet's or a web page's. Nothing when
/// the name is not known.
std::optional<Conversion> convert_to_utf8(std::string_view bytes, const std::string& charset);

/// The likeliest charset of text that is not UTF-8; empty when there is no good guess.
std::string guess_charset(std::string_view bytes);

/// Characters per thousand, over the first 64 KiB, that no readable text holds: controls,
/// unassigned and private ones, U+FFFD. `outside_ascii` counts per thousand of those only.
struct Oddity {
  std::size_t overall = 0;
  std::size_t outside_ascii = 0;
};
Oddity measure_oddity(std::string_view utf8);

}  // namespace callslip
