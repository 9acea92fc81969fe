// The bare servers of wire_throughput: whatever is asked, they answer with the same bytes. One I/O
// thread, the libraries that the product uses, nothing else.
//
// Also compiled as C++17. Each prints its port as a line on stdout, and serves until it is killed.
#pragma once

#include <string>

namespace callslip::bench {

void echo_over_websocket(const std::string& reply);
void echo_over_http(const std::string& reply);
/// A line for a line.
void echo_over_stdio(const std::string& reply);

}  // namespace callslip::bench
