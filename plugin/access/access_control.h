// AccessControl: the gate of the port. Host, Origin and credentials are checked before anything
// else happens, for HTTP requests and WebSocket handshakes alike.
//
// Open, that is, answered without credentials: what the route says is (http_route.h), where the
// path can be read in one way only; and a CORS preflight (OPTIONS), which carries none. Never a
// WebSocket.
//
// Constant after construction, or with locks of its own: any thread, never blocks. Also compiled as
// C++17.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "plugin/access/principal.h"

namespace callslip {

/// The head of a request, as far as it decides who may come in.
struct RequestHead {
  std::string_view method;
  std::string_view target;  // path and query
  /// The value of a header, by its name in lower case; empty where there is none.
  std::function<std::string_view(std::string_view name)> header;
  std::string peer;  // address, without port
  bool websocket = false;
  bool open = false;  // its route is answered without credentials
};

struct Refusal {
  int status = 401;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string message;  // says what to do; no line end
  /// Its page may read this answer: a client in a browser learns from it where to get a token.
  bool origin_allowed = false;
};

class AccessControl {
 public:
  virtual ~AccessControl() = default;

  /// Who it is, or why not. Open paths (healthz, the page's own files, the metadata of OAuth) get a
  /// Principal without a name, which sees no document, unless credentials came along that hold.
  virtual std::variant<Principal, Refusal> admit(const RequestHead& head) const = 0;

  /// Whether one who was let in still would be: a token may have been revoked or have expired.
  /// Cheap; to be asked for each message of a WebSocket, which is closed with 1008 otherwise.
  virtual bool still_admits(const Principal& /*principal*/) const { return true; }

  /// For one who came in and asks for what needs the write scope.
  virtual Refusal write_refusal(const Principal& /*principal*/) const {
    return {403, {}, "this needs the write scope"};
  }
};

}  // namespace callslip
