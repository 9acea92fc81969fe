// ClientLimits: how much of the port one client may take: connections, requests in flight, and
// requests a second (a token bucket that holds two seconds' worth).
//
// A client is a token, by its name, or an address; of an IPv6 address the first 64 bits, since
// whoever has one of them has them all. Programs of this machine (127.0.0.1, ::1; other addresses
// of 127/8 are nobody's habit) that show no token are not limited: their key is empty.
//
// The I/O thread only. What is remembered is bounded: clients that rest are forgotten.
//
// Also compiled as C++17.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

#include "plugin/http/port_options.h"

namespace callslip::port {

enum class Room { free, full, address_full };

class ClientLimits {
 public:
  using Clock = std::chrono::steady_clock;

  explicit ClientLimits(const PortOptions& options);

  static std::string key_of_address(const boost::asio::ip::address& address);
  static std::string key_of_token(const std::string& name) { return "token " + name; }

  /// Whether one more connection of this client is within the limits.
  Room room(const std::string& key) const;
  /// Counts a connection as long as the result lives.
  std::shared_ptr<void> enter(const std::string& key);
  std::size_t connections() const { return connections_; }

  /// How long until a request may come; zero: now.
  std::chrono::milliseconds wait(const std::string& key, Clock::time_point now) const;
  /// The same, and counts it where it may.
  std::chrono::milliseconds take_request(const std::string& key, Clock::time_point now);
  /// Counts what has happened already: the client owes it then. How long until that is paid off.
  std::chrono::milliseconds owe_request(const std::string& key, Clock::time_point now);
  /// The longest debt that is waited for: beyond, the client is sent away.
  std::chrono::milliseconds longest_debt() const;
  bool owes(const std::string& key, Clock::time_point now) const;

  /// Null: as many as may be are in flight.
  std::shared_ptr<void> take_flight(const std::string& key);

  std::size_t remembered() const { return clients_.size(); }

 private:
  struct Client {
    std::size_t connections = 0;
    std::size_t in_flight = 0;
    double tokens = 0;
    Clock::time_point filled{};  // when `tokens` was right
  };

  Client& client(const std::string& key, Clock::time_point now);
  std::chrono::milliseconds time_for(double tokens) const;
  double tokens_of(const Client& client, Clock::time_point now) const;
  void forget_resting(Clock::time_point now);

  const std::size_t max_connections_;
  const std::size_t max_per_address_;
  const std::size_t max_in_flight_;
  const double rate_;   // tokens a second; 0: no bound
  const double burst_;  // tokens

  std::unordered_map<std::string, Client> clients_;
  std::size_t connections_ = 0;
  std::size_t next_sweep_ = 1024;  // clients
};

}  // namespace callslip::port
