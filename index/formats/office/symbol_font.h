// Symbol fonts: characters that documents write as codes of the fonts Symbol and Wingdings.
//
// A pure function: any thread may call it.
#pragma once

#include <string_view>

namespace callslip {

/// The character that the code shows in that font; the code itself for other fonts, a bullet for
/// what has no counterpart. Codes may have 0xF000 added, as in files of Microsoft Office.
char32_t symbol_character(std::string_view font, unsigned code);

}  // namespace callslip
