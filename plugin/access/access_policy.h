// AccessPolicy: who may talk to a server that listens on a port of this machine.
//
// A web page can make its visitor's browser connect to 127.0.0.1: directly, which the Origin header
// gives away (no CORS applies to WebSockets), or after DNS rebinding, which the Host header gives
// away. Both are checked before anything is answered. Programs that are not browsers send no
// Origin.
//
// Constant after construction: any thread. Also compiled as C++17.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace callslip {

/// Whether only this machine can connect to an address ("127.0.0.1", "localhost", "::1"), or to a
/// host with a port ("[::1]:8137").
bool is_loopback_address(std::string_view address);
bool is_loopback_authority(std::string_view host);

class AccessPolicy {
 public:
  /// `listen_address` is what the server is bound to: a name or an address. `allowed_origins`
  /// ("https://chat.example") and `allowed_hosts` ("box.lan", any port; "box.lan:8137", that one)
  /// come in addition to the loopback ones.
  AccessPolicy(std::string_view listen_address, const std::vector<std::string>& allowed_origins,
               const std::vector<std::string>& allowed_hosts);

  /// The value of the Origin header; empty when there is none. "null" (sandboxed frames, files) is
  /// never allowed.
  bool allows_origin(std::string_view origin) const;

  /// Whether the origin is one of those that were allowed by name.
  bool names_origin(std::string_view origin) const;

  /// The value of the Host header: a name or an address, with or without a port. A server bound to
  /// every address and told no hosts accepts literal addresses, which cannot be rebound.
  bool allows_host(std::string_view host) const;

 private:
  std::vector<std::string> origins_;
  std::vector<std::string> hosts_;
  bool any_literal_ = false;
};

}  // namespace callslip
