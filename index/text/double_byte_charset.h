// Double-byte charsets: tells the legacy encodings of Chinese, Japanese and Korean apart by which
// byte pairs a text is made of. uchardet misses them where most of the text is English.
//
// Pure functions: any thread may call them.
#pragma once

#include <string>
#include <string_view>

namespace callslip {

/// The encoding whose everyday characters make up nearly all of what is not ASCII, without a
/// single malformed pair; empty when there is none or the text is too short to say.
std::string guess_double_byte_charset(std::string_view bytes);

}  // namespace callslip
