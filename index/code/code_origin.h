// CodeOrigin: whether somebody wrote a document to be read: what machines made, what was squeezed,
// and what was copied from elsewhere is found, but after what was not.
//
// Pure functions: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "index/code/code_lexer.h"
#include "index/parsed_document.h"

namespace callslip {

/// Bits, as DocumentRow::flags holds them.
struct CodeOrigin {
  static constexpr std::uint32_t kGenerated = 16;  // says so; a lock file
  static constexpr std::uint32_t kMinified = 32;   // very long lines
  static constexpr std::uint32_t kVendored = 64;   // in a folder for what others wrote
  static constexpr std::uint32_t kAny = kGenerated | kMinified | kVendored;
};

/// `name`: the document's, with its folders. `spans`: comments_and_strings of its text.
std::uint32_t origin_of(std::string_view name, const ParsedDocument& document,
                        const std::vector<CodeSpan>& spans);

/// "generated", "minified", "vendored", of the bits that are set.
std::vector<std::string> origin_names(std::uint32_t flags);

}  // namespace callslip
