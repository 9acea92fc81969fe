// Credentials: what the head of a request brings along to be let in by, and where it stood.
//
// Functions without state: any thread. The views are of the head's.
#pragma once

#include <string>
#include <string_view>

#include "plugin/access/access_control.h"

namespace callslip {

struct Credentials {
  enum class From { nowhere, header, subprotocol, cookie };
  From from = From::nowhere;
  std::string secret;  // a token; of a cookie: the name of a login; empty: it is malformed
};

/// The first of: `Authorization`, the WebSocket subprotocol `callslip.bearer.<base64url of the
/// token>`, the page's cookie. One that is there and malformed is not passed over.
Credentials find_credentials(const RequestHead& head);

/// The parameter of the target's query that looks like a token; empty: none. Queries stand in logs
/// and histories.
std::string token_in_query(std::string_view target);

/// The page's cookie. Browsers share cookies among the ports of a host: each port has its own.
std::string login_cookie(std::string_view host);

/// The value of a cookie in a Cookie header; empty: none.
std::string_view cookie_value(std::string_view header, std::string_view name);

/// "http://box.lan:8137" is of the host "box.lan:8137". The scheme is not compared: a proxy may
/// speak TLS for us.
bool same_origin(std::string_view origin, std::string_view host);

/// Whether the request is answered without credentials: see access_control.h.
bool is_open(const RequestHead& head);

}  // namespace callslip
