// Headers of mail messages. Pure functions: any thread may call them.
#pragma once

#include <string>
#include <string_view>

namespace callslip {

/// The header's value as people read it: unfolded, encoded words (RFC 2047) decoded, bytes that are
/// neither taken for the likeliest encoding.
std::string decode_header(std::string_view raw);

/// Decodes text in a named charset, or in the likeliest one. Always valid UTF-8.
std::string decode_mail_text(std::string bytes, std::string_view charset);

}  // namespace callslip
