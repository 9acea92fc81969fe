// PortOptions: where the one port listens, and what is bounded there.
//
// Constant. Also compiled as C++17.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace callslip {

struct PortOptions {
  std::string address = "127.0.0.1";  // a name or an address, IPv6 with or without brackets
  std::uint16_t port = 8137;          // 0: any that is free
  std::string tls_cert;               // PEM files, the chain and its key; both empty: no TLS
  std::string tls_key;
  std::function<void(const std::string&)> log;  // of what somebody should look at
  std::string websocket_path = "/mcp";
  std::string spool_directory;  // of bodies that go to files; empty: the system's for such files

  // Of one message: a WebSocket's, or the body of a request.
  std::size_t max_message_bytes = std::size_t{16} << 20U;
  std::size_t max_bodies_bytes = std::size_t{256} << 20U;  // in memory, of all requests
  std::size_t max_head_bytes = std::size_t{16} << 10U;
  /// What one peer has not read yet; it is dropped beyond.
  std::size_t max_send_buffer_bytes = std::size_t{64} << 20U;

  std::size_t max_connections = 1024;
  // The next three are of one client: a token, or an address that is not this machine's own.
  std::size_t max_connections_per_address = 256;
  double max_requests_per_second = 100;  // and messages; twice as many at once; 0: no bound
  std::size_t max_requests_in_flight = 64;

  std::chrono::milliseconds handshake_timeout{10'000};  // of TLS
  std::chrono::milliseconds renewal_checks{10'000};     // of the certificate's files
  std::chrono::milliseconds head_timeout{10'000};
  std::chrono::milliseconds body_timeout{20'000};  // and a second more for each KiB that arrives
  std::chrono::milliseconds idle_timeout{75'000};  // between requests
  std::chrono::milliseconds send_timeout{60'000};  // in which a peer reads nothing
  /// How often those who only listen are asked whether they would still be let in.
  std::chrono::milliseconds admission_checks{5000};
  std::chrono::milliseconds drain_timeout{2000};  // of stop() and of closing handshakes
};

}  // namespace callslip
