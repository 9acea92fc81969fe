// What lets a page of another origin read an answer (CORS). Which origins may come is decided
// before, by the gate: a request with an Origin that reaches a route comes from an allowed one.
//
// Stateless; any thread.
#pragma once

#include <string_view>

#include "plugin/http/http_exchange.h"

namespace callslip {

/// Nothing for a request without an Origin.
void allow_origin(const HttpRequest& request, HttpResponse& response);

/// The answer to a preflight (OPTIONS). `methods`: "GET, POST".
HttpResponse preflight_response(const HttpRequest& request, std::string_view methods);

}  // namespace callslip
