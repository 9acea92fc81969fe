// URLs in documents. A pure function: any thread may call it.
#pragma once

#include <string>
#include <string_view>

namespace callslip {

/// The text with "%41" decoded; what is no escape stays.
std::string decode_url(std::string_view url);

}  // namespace callslip
