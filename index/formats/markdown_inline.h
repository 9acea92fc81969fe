// Markdown's inline markup: what remains when it is taken away.
//
// A pure function: any thread may call it.
#pragma once

#include <string>
#include <string_view>

namespace callslip {

/// One line's text without emphasis, code ticks, links (their text stays), images (their
/// description stays), inline HTML tags, escapes and the commonest entities.
std::string strip_markdown_inline(std::string_view line);

}  // namespace callslip
