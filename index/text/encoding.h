// Encoding: from a file's bytes to UTF-8 text, or the reason why it is not text.
//
// Pure functions: any thread may call them.
#pragma once

#include <string>
#include <string_view>

#include "index/result.h"

namespace callslip {

struct DecodedText {
  std::string text;        // UTF-8 without NUL
  bool converted = false;  // the text is not the file's bytes
  bool lossy = false;      // something became U+FFFD
};

/// Decodes a file, in this order:
///  - a known binary format, NULs or many control characters: ErrorKind::unsupported, "binary file"
///    or what it is, for instance "image (PNG)";
///  - valid UTF-8: the bytes, unchanged (CRLF and BOM included) and not copied;
///  - UTF-16 and UTF-32 with a BOM, UTF-16 without where that is plain to see, ISO-2022-JP;
///  - UTF-8 with mistakes in it, as long as the mistakes are not the majority: repaired, lossy;
///  - the encoding `declared` in the document, if that is named and fits, else the one recognised;
///  - what nothing fits is taken for UTF-8 and repaired, lossy.
/// NULs: one is enough to make a file binary, except that in otherwise clean UTF-8 of 4 KiB and
/// more (a log after a crash, say) up to one in 1,024 bytes is replaced by U+FFFD.
Result<DecodedText> decode_text(std::string bytes, std::string_view declared = {});

/// The encoding that an XML declaration or an HTML <meta> names in the first 4 KiB; else empty.
std::string declared_encoding(std::string_view bytes);

/// Whether the bytes begin with the BOM of UTF-16 or UTF-32.
bool has_wide_bom(std::string_view bytes);

}  // namespace callslip
