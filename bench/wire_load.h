// WireLoad: clients that ask one server as fast as it answers: each connection has one request in
// flight. All run on the calling thread.
//
// Ends the program when a connection cannot be made or breaks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace callslip::bench {

struct LoadOptions {
  std::size_t connections = 1;
  double seconds = 3;                                        // after half a second of warming up
  std::vector<std::string> messages;                         // asked in turn
  std::string path = "/mcp";                                 // HTTP and WebSocket
  std::vector<std::pair<std::string, std::string>> headers;  // HTTP
};

struct LoadResult {
  double per_second = 0;
  double p50 = 0;  // microseconds
  double p99 = 0;
  double bytes = 0;  // of a reply, on average
  std::string last;  // reply
};

LoadResult load_websocket(std::uint16_t port, const LoadOptions& options);
LoadResult load_http(std::uint16_t port, const LoadOptions& options);
/// One process, its two pipes; `connections` is how many requests are in flight.
LoadResult load_stdio(int to, int from, const LoadOptions& options);

}  // namespace callslip::bench
