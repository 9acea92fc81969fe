// How responses are written down: status lines, heads, and errors as JSON.
//
// Functions: any thread.
#pragma once

#include <string>
#include <string_view>

#include "plugin/http/http_exchange.h"

namespace callslip {

/// `{"error": "message"}`: how every refusal of the port reads.
HttpResponse error_response(int status, std::string_view message);

namespace port {

/// How the end of a body is told.
enum class Framing { length, chunked, close, none };

/// The head as bytes, its empty line included. Line ends in the values of headers become spaces.
std::string response_head(const HttpResponse& response, Framing framing, std::size_t length,
                          bool keep_alive, bool http_1_1);

std::string_view reason_phrase(int status);

/// One piece of a chunked body, appended.
void append_chunk(std::string& out, std::string_view piece);

}  // namespace port
}  // namespace callslip
