// The least that calling a chat endpoint takes: one body posted again and again by curl_multi_poll,
// with kept connections and recycled handles. Nothing is read of the replies but their size.
#pragma once

#include <cstddef>
#include <string>

namespace callslip {

/// Posts the body `calls` times, `concurrency` at once, on the calling thread. Throws
/// std::runtime_error when a call fails.
void run_bare_curl_loop(const std::string& url, const std::string& body, std::size_t calls,
                        std::size_t concurrency);

}  // namespace callslip
