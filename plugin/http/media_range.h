// Media types in the headers Accept and Content-Type.
//
// Stateless; any thread.
#pragma once

#include <string_view>

namespace callslip {

/// Whether an Accept header takes this type ("text/event-stream"). What cannot be read is passed
/// over.
bool accepts(std::string_view accept, std::string_view type);

/// Whether a Content-Type header says JSON, in UTF-8 as far as it says.
bool is_json_type(std::string_view content_type);

}  // namespace callslip
