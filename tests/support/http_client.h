// http_call: one request to a server on this machine, as bytes, and what came back.
//
// Blocks; every wait is bounded. The connection is closed after the answer.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace callslip::testing_support {

struct HttpAnswer {
  int status = 0;  // 0: none came
  std::string head;
  std::string body;

  /// The value of a header; `name` in lower case.
  std::string header(const std::string& name) const {
    std::string lower = head;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::size_t at = lower.find("\r\n" + name + ":");
    if (at == std::string::npos) return "";
    const std::size_t start = lower.find_first_not_of(' ', at + name.size() + 3);
    return head.substr(start, lower.find("\r\n", start) - start);
  }
  nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

using HttpFields = std::vector<std::pair<std::string, std::string>>;

inline HttpAnswer http_call(std::uint16_t port, const std::string& method,
                            const std::string& target, HttpFields fields = {},
                            const std::string& body = "") {
  const auto has = [&fields](const std::string& name) {
    return std::any_of(fields.begin(), fields.end(),
                       [&name](const auto& field) { return field.first == name; });
  };
  if (!has("Host")) fields.emplace_back("Host", "127.0.0.1:" + std::to_string(port));
  if (!body.empty() && !has("Content-Type")) {
    fields.emplace_back("Content-Type", "application/json");
  }
  fields.emplace_back("Content-Length", std::to_string(body.size()));
  fields.emplace_back("Connection", "close");
  std::string bytes = method + " " + target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : fields) bytes.append(name).append(": ").append(value) += "\r\n";
  bytes += "\r\n" + body;

  HttpAnswer answer;
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{60, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string all;
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size())) {
    char buffer[16384];
    for (ssize_t got = 0; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(got));
    }
  }
  ::close(socket);
  const std::size_t end = all.find("\r\n\r\n");
  if (end == std::string::npos) return answer;
  answer.head = all.substr(0, end + 2);
  answer.body = all.substr(end + 4);
  answer.status = std::atoi(answer.head.c_str() + answer.head.find(' '));
  return answer;
}

}  // namespace callslip::testing_support
