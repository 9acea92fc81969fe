// Base64 as clients send files in it: the standard alphabet or that of URLs, with or without
// padding, line ends passed over.
//
// Stateless; any thread.
#pragma once

#include <string>
#include <string_view>

#include "index/result.h"

namespace callslip {

/// ErrorKind::invalid_argument says where it is not base64.
Result<std::string> decode_base64(std::string_view text);

}  // namespace callslip
