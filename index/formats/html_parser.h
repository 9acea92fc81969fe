// What other formats need to know about HTML.
#pragma once

#include <string>
#include <string_view>

#include "index/parsed_document.h"
#include "index/result.h"

namespace callslip {

/// Whether a file's first bytes are those of an HTML or XHTML document. Any thread.
bool looks_like_html(std::string_view head);

/// The page as a document; by the name's extension it is XHTML. Any thread. `charset`: what is
/// known of its encoding from elsewhere (a mail's header).
Result<ParsedDocument> read_html(std::string bytes, std::string_view name,
                                 std::string_view charset = {});

}  // namespace callslip
