// Which addresses may be fetched from: those of the public internet.
//
// Stateless; any thread. What is checked is the address that a socket is about to connect to, so
// that no name, redirect or spelling of a number leads elsewhere.
#pragma once

#include <sys/socket.h>

namespace callslip {

/// Neither private, loopback, link-local, shared (CGNAT), multicast, reserved or for documentation,
/// nor an address that carries such a one inside (v4-mapped, NAT64), nor of a tunnel (6to4,
/// Teredo), nor one of this machine's own.
bool is_public_address(const sockaddr& address);

/// The port of the web, or one that needs no privileges: none of the old services.
bool is_web_port(const sockaddr& address);

}  // namespace callslip
