// OracleProcess: the server oracle_model, started by a test, with its counts and knobs.
//
// Belongs to one thread at a time. The server ends with it, or with the test's process. Errors
// throw std::runtime_error: the test then fails.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/process.h"

namespace callslip::testing_support {

class OracleProcess {
 public:
  /// Flags as on the command line: {"--latency", "50"}.
  explicit OracleProcess(std::vector<std::string> flags = {})
      : process_(command(std::move(flags))) {
    const std::string start = "listening on ";
    const auto line = process_.read_line();
    if (!line || !line->starts_with(start)) {
      throw std::runtime_error("the oracle did not start: " + process_.wait().describe());
    }
    url_ = line->substr(start.size());
    port_ = std::stoi(url_.substr(url_.rfind(':') + 1));
  }

  /// With the sentences wanted for every question.
  OracleProcess(const std::vector<std::string>& wanted, std::vector<std::string> flags)
      : OracleProcess(std::move(flags)) {
    control({{"wanted", wanted}});
  }

  /// For --reader-url.
  const std::string& url() const { return url_; }
  int port() const { return port_; }
  /// To stop it or end it as a fault.
  Process& process() { return process_; }

  nlohmann::json stats() const { return exchange("GET", "/stats", ""); }
  std::uint64_t count(const std::string& name) const { return stats().at(name); }
  /// How many calls got a reply of that kind, such as "completion" or "rate_limit".
  std::uint64_t replies(const std::string& kind) const {
    return stats().at("replies").value(kind, std::uint64_t{0});
  }

  /// Changes knobs, such as {{"error_rate", 0.1}}; returns them all.
  nlohmann::json control(const nlohmann::json& changes) const {
    return exchange("POST", "/control", changes.dump());
  }
  void reset_stats() const { control({{"reset_stats", true}}); }

  /// Waits until the condition holds for the counts; false after a long time.
  template <class Condition>
  bool wait_until(const Condition& condition) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition(stats())) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

 private:
  static std::vector<std::string> command(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {ORACLE_MODEL_BIN, "--with-parent"});
    return flags;
  }

  nlohmann::json exchange(const std::string& method, const std::string& path,
                          const std::string& body) const {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    std::string bytes;
    if (socket >= 0 &&
        ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
        send_all(socket,
                 method + " " + path + " HTTP/1.1\r\nHost: oracle\r\nConnection: close\r\n" +
                     "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body)) {
      char piece[8192];
      for (ssize_t got = 0; (got = ::recv(socket, piece, sizeof piece, 0)) > 0;) {
        bytes.append(piece, static_cast<std::size_t>(got));
      }
    }
    if (socket >= 0) ::close(socket);
    const std::size_t head = bytes.find("\r\n\r\n");
    const auto reply = head == std::string::npos
                           ? nlohmann::json(nlohmann::json::value_t::discarded)
                           : nlohmann::json::parse(bytes.substr(head + 4), nullptr, false);
    if (reply.is_discarded() || !bytes.starts_with("HTTP/1.1 200")) {
      throw std::runtime_error("the oracle's " + path + " replied: " + bytes.substr(0, 500));
    }
    return reply;
  }

  static bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  Process process_;
  std::string url_;
  int port_ = 0;
};

}  // namespace callslip::testing_support
