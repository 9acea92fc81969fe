// Document sections: the parts of a document's text that its headings begin.
//
// A section goes from its heading to the next one that is not below it. Its key is its heading; one
// that a document has several times is called by its path, "Install > Debian". Pure functions: any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/snapshot.h"
#include "index/text/byte_span.h"

namespace callslip {

/// In the order of the text; the same key twice where even the paths are the same.
std::vector<std::string> section_keys(const Snapshot& snapshot, DocumentNumber document);

/// The bytes of the section with this key (or path), letters' case aside where none has it as it
/// is.
std::optional<ByteSpan> find_section(const Snapshot& snapshot, DocumentNumber document,
                                     std::string_view key);

}  // namespace callslip
