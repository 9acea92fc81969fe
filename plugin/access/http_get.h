// http_get: one small document from a server that the operator named. Over libcurl.
//
// Blocks: not for the I/O thread. Redirects are not followed; TLS certificates are checked.
#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>

#include "index/result.h"

namespace callslip {

/// The body of a 200. Errors: not_found for 404; unavailable for all else, naming the URL.
Result<std::string> http_get(const std::string& url, std::size_t max_bytes,
                             std::chrono::milliseconds timeout, const std::stop_token& stop);

}  // namespace callslip
