// What other formats need to know about HTML.
#pragma once

#include <string_view>

namespace callslip {

/// Whether a file's first bytes are those of an HTML or XHTML document. Any thread.
bool looks_like_html(std::string_view head);

}  // namespace callslip
