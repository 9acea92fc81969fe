// WireClient: a WebSocket client that can misbehave, and the frames that it writes. For tests.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace callslip {

// Opcodes of RFC 6455.
inline constexpr int text = 1;
inline constexpr int binary = 2;
inline constexpr int closing = 8;
inline constexpr int ping = 9;
inline constexpr int pong = 10;

struct Frame {
  int opcode = -1;  // -1: the connection ended, -2: nothing came
  std::string payload;

  int close_code() const {
    if (opcode != closing || payload.size() < 2) return -opcode;
    return static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
  }
};

/// A client that can misbehave: bytes over a blocking socket.
class WireClient {
 public:
  /// `from`: an IPv4 address of this machine, such as 127.0.0.2.
  explicit WireClient(std::uint16_t port, int family = AF_INET, int receive_buffer = 0,
                      const char* from = nullptr) {
    fd_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    if (from != nullptr) {
      EXPECT_EQ(::inet_pton(AF_INET, from, &v4.sin_addr), 1);
      EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&v4), sizeof v4), 0) << from;
    }
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = in6addr_loopback;
    const int result = family == AF_INET
                           ? ::connect(fd_, reinterpret_cast<sockaddr*>(&v4), sizeof v4)
                           : ::connect(fd_, reinterpret_cast<sockaddr*>(&v6), sizeof v6);
    EXPECT_EQ(result, 0) << "connect";
  }
  ~WireClient() { vanish(); }
  WireClient(WireClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), pending_(std::move(other.pending_)) {}
  WireClient& operator=(WireClient&&) = delete;

  void vanish() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  /// With a reset in place of a farewell.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    vanish();
  }

  /// False when the server has gone.
  bool write(const std::string& bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count = ::send(fd_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
      if (count <= 0) return false;
      done += static_cast<std::size_t>(count);
    }
    return true;
  }

  bool fill(int timeout_ms = 30000) {
    pollfd ready{fd_, POLLIN, 0};
    if (::poll(&ready, 1, timeout_ms) != 1) return false;
    std::array<char, 65536> buffer{};
    const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (count <= 0) {
      ended_ = true;
      return false;
    }
    pending_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }

  /// The head of a response, with the status line first.
  std::string read_head() {
    while (pending_.find("\r\n\r\n") == std::string::npos) {
      if (!fill()) return "(ended after '" + pending_ + "')";
    }
    const std::size_t end = pending_.find("\r\n\r\n") + 4;
    std::string head = pending_.substr(0, end);
    pending_.erase(0, end);
    return head;
  }

  /// Head and body, the latter by its Content-Length or its chunks; else to the end.
  std::string read_response(bool head_only = false) {
    std::string head = read_head();
    if (head_only || head.find(" 204 ") == 8 || head.find(" 304 ") == 8) return head;
    if (const std::size_t at = head.find("Content-Length: "); at != std::string::npos) {
      const std::size_t size = std::stoul(head.substr(at + 16));
      while (pending_.size() < size && fill()) {
      }
      head += pending_.substr(0, size);
      pending_.erase(0, std::min(size, pending_.size()));
      return head;
    }
    if (head.find("Transfer-Encoding: chunked") == std::string::npos) return head + read_to_end();
    for (;;) {
      const auto piece = read_chunk();
      if (!piece) return head + "(broken off)";
      if (piece->empty()) return head;
      head += *piece;
    }
  }

  /// One chunk of a body; empty: the last; nothing: the connection ended.
  std::optional<std::string> read_chunk() {
    while (pending_.find("\r\n") == std::string::npos) {
      if (!fill()) return std::nullopt;
    }
    const std::size_t line = pending_.find("\r\n") + 2;
    const std::size_t size = std::stoul(pending_, nullptr, 16);
    while (pending_.size() < line + size + 2) {
      if (!fill()) return std::nullopt;
    }
    std::string piece = pending_.substr(line, size);
    pending_.erase(0, line + size + 2);
    return piece;
  }

  /// Whether the server has ended the connection, once all that it sent is read.
  bool ended() {
    while (fill()) {
    }
    return ended_;
  }

  /// Ends our direction only.
  void finish_sending() { ::shutdown(fd_, SHUT_WR); }

  std::string read_to_end(int timeout_ms = 10000) {
    while (fill(timeout_ms)) {
    }
    return std::exchange(pending_, {});
  }

  Frame read_frame() {
    const auto need = [this](std::size_t bytes) {
      while (pending_.size() < bytes) {
        if (!fill()) return false;
      }
      return true;
    };
    const auto missing = [this] { return Frame{ended_ ? -1 : -2, {}}; };
    if (!need(2)) return missing();
    std::size_t size = static_cast<unsigned char>(pending_[1]) & 127U;
    std::size_t head = 2;
    if (size >= 126) {
      const std::size_t digits = size == 126 ? 2 : 8;
      if (!need(2 + digits)) return missing();
      size = 0;
      for (std::size_t i = 0; i < digits; ++i) {
        size = size * 256 + static_cast<unsigned char>(pending_[2 + i]);
      }
      head += digits;
    }
    if (!need(head + size)) return missing();
    Frame frame{pending_[0] & 15, pending_.substr(head, size)};
    pending_.erase(0, head + size);
    return frame;
  }

 private:
  int fd_ = -1;
  bool ended_ = false;
  std::string pending_;
};

inline std::string frame_head(int opcode, std::uint64_t size, bool fin = true) {
  std::string head(1, static_cast<char>(opcode | (fin ? 128 : 0)));
  int digits = 0;
  if (size < 126) {
    head += static_cast<char>(128 | size);
  } else {
    digits = size < 65536 ? 2 : 8;
    head += static_cast<char>(128 | (digits == 2 ? 126 : 127));
  }
  for (int i = digits - 1; i >= 0; --i) head += static_cast<char>((size >> (8 * i)) & 255U);
  return head + "\x01\x02\x03\x04";
}

inline std::string frame(int opcode, std::string payload, bool fin = true) {
  std::string bytes = frame_head(opcode, payload.size(), fin);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    payload[i] = static_cast<char>(payload[i] ^ static_cast<char>(i % 4 + 1));
  }
  return bytes + payload;
}

inline std::string upgrade(const std::string& headers = "Sec-WebSocket-Protocol: mcp\r\n",
                           const std::string& path = "/mcp",
                           const std::string& host = "Host: 127.0.0.1\r\n") {
  return "GET " + path + " HTTP/1.1\r\n" + host +
         "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         headers + "\r\n";
}

}  // namespace callslip
