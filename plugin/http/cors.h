// What lets a page of another origin read an answer (CORS). The port does it for every route: whose
// pages may come is decided before, by the gate.
//
// Stateless; any thread.
#pragma once

#include <string_view>

#include "plugin/http/http_exchange.h"
#include "plugin/http/http_head.h"

namespace callslip::port {

/// `origin`: of a page that was let in; empty: no page. What a route says itself stands.
void allow_origin(std::string_view origin, HttpResponse& response);

/// A browser's question whether a page may send what it wants to send.
bool is_preflight(const HttpHead& head);

/// `methods`: those of the path, such as "GET, POST".
HttpResponse preflight_response(const HttpHead& head, std::string_view methods);

}  // namespace callslip::port
