// ScriptedHttpServer: an HTTP server inside the test, which answers as the test says and breaks as
// the test says.
//
// One thread accepts, one serves each connection (kept alive). The handler is called on those
// threads, several at once. Destroying the server ends them all.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace callslip::testing_support {

struct HttpRequest {
  std::string head;
  std::string body;

  /// The value of a header, "" when there is none; `name` in lower case.
  std::string header(const std::string& name) const {
    std::string lower = head;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::size_t at = lower.find("\r\n" + name + ":");
    if (at == std::string::npos) return "";
    const std::size_t start = lower.find_first_not_of(' ', at + name.size() + 3);
    return head.substr(start, lower.find("\r\n", start) - start);
  }
};

struct HttpReply {
  enum class Fault { none, hang, reset, truncate, close, trickle };
  int status = 200;
  std::string body;
  std::string headers;  // further ones, each with its \r\n
  std::chrono::milliseconds delay{0};
  Fault fault = Fault::none;
  std::string type = "application/json";
};

class ScriptedHttpServer {
 public:
  using Handler = std::function<HttpReply(const HttpRequest&)>;

  explicit ScriptedHttpServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || ::bind(listener_, generic, length) != 0 || ::listen(listener_, 512) != 0 ||
        ::getsockname(listener_, generic, &length) != 0) {
      throw std::runtime_error("the test's server cannot listen");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_connections(); });
  }

  ~ScriptedHttpServer() {
    stopping_ = true;
    acceptor_.join();
    for (std::thread& connection : connections_) connection.join();
    ::close(listener_);
  }

  ScriptedHttpServer(const ScriptedHttpServer&) = delete;
  ScriptedHttpServer& operator=(const ScriptedHttpServer&) = delete;

  unsigned port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }

  std::size_t calls() const {
    return locked([this] { return calls_; });
  }
  std::size_t max_concurrency() const {
    return locked([this] { return max_active_; });
  }
  std::size_t connections() const {
    return locked([this] { return accepted_; });
  }

  /// Waits (long enough for any machine) until so many calls are being answered.
  bool wait_for_active(std::size_t count) {
    return wait([&] { return active_ >= count; });
  }
  /// Waits until so many clients have closed their connection instead of waiting for the answer.
  bool wait_for_aborted(std::size_t count) {
    return wait([&] { return aborted_ >= count; });
  }

 private:
  static constexpr int tick_ms = 5;

  template <class Get>
  std::size_t locked(const Get& get) const {
    const std::lock_guard lock(mutex_);
    return get();
  }

  template <class Done>
  bool wait(const Done& done) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), done);
  }

  void accept_connections() {
    while (!stopping_) {
      pollfd ready{listener_, POLLIN, 0};
      if (::poll(&ready, 1, tick_ms) <= 0) continue;
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) continue;
      const std::lock_guard lock(mutex_);
      ++accepted_;
      connections_.emplace_back([this, socket] {
        serve(socket);
        ::close(socket);
      });
    }
  }

  void serve(int socket) {
    std::string buffer;
    HttpRequest request;
    while (read_request(socket, buffer, request)) {
      {
        const std::lock_guard lock(mutex_);
        ++calls_;
        max_active_ = std::max(max_active_, ++active_);
      }
      changed_.notify_all();
      const HttpReply reply = handler_(request);
      const bool hang = reply.fault == HttpReply::Fault::hang;
      const bool there = linger(socket, hang, reply.delay);
      {
        // Before the first byte of the reply: after it the client may call again at once.
        const std::lock_guard lock(mutex_);
        --active_;
        if (!there && !stopping_) ++aborted_;
      }
      changed_.notify_all();
      if (!there || hang || !answer(socket, reply)) return;
    }
  }

  bool read_request(int socket, std::string& buffer, HttpRequest& request) {
    std::size_t head_end = std::string::npos;
    std::size_t length = 0;
    while (true) {
      if (head_end == std::string::npos) {
        head_end = buffer.find("\r\n\r\n");
        if (head_end != std::string::npos) {
          request.head = buffer.substr(0, head_end + 2);
          length = std::strtoul(request.header("content-length").c_str(), nullptr, 10);
        }
      }
      if (head_end != std::string::npos && buffer.size() >= head_end + 4 + length) break;
      pollfd ready{socket, POLLIN, 0};
      const int polled = ::poll(&ready, 1, tick_ms);
      if (stopping_ || polled < 0) return false;
      if (polled == 0) continue;
      char bytes[16384];
      const ssize_t got = ::recv(socket, bytes, sizeof(bytes), 0);
      if (got <= 0) return false;
      buffer.append(bytes, static_cast<std::size_t>(got));
    }
    request.body = buffer.substr(head_end + 4, length);
    buffer.erase(0, head_end + 4 + length);
    return true;
  }

  bool answer(int socket, const HttpReply& reply) {
    if (reply.fault == HttpReply::Fault::close) return false;
    if (reply.fault == HttpReply::Fault::reset) {
      const linger_option now{1, 0};
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
      return false;
    }
    std::string bytes = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\n" +
                        "Content-Type: " + reply.type +
                        "\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n" +
                        reply.headers + "\r\n" + reply.body;
    if (reply.fault == HttpReply::Fault::truncate) {
      bytes.resize(bytes.size() - reply.body.size() / 2 - 1);
      send_all(socket, bytes);
      return false;
    }
    if (reply.fault == HttpReply::Fault::trickle) {
      for (std::size_t pos = 0; pos < bytes.size(); pos += 16) {
        if (!send_all(socket, bytes.substr(pos, 16))) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      return true;
    }
    return send_all(socket, bytes);
  }

  using linger_option = ::linger;

  /// Waits before the answer; false when the client has gone, or the server ends.
  bool linger(int socket, bool forever, std::chrono::milliseconds delay) {
    const auto until = std::chrono::steady_clock::now() + delay;
    while (!stopping_ && (forever || std::chrono::steady_clock::now() < until)) {
      pollfd gone{socket, POLLRDHUP, 0};
      if (::poll(&gone, 1, tick_ms) > 0) return false;
    }
    return !stopping_;
  }

  static bool send_all(int socket, const std::string& bytes) {
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t now = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) return false;
      sent += static_cast<std::size_t>(now);
    }
    return true;
  }

  const Handler handler_;
  int listener_ = -1;
  unsigned port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread acceptor_;
  std::list<std::thread> connections_;  // by the acceptor, then by the destructor

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::size_t calls_ = 0;
  std::size_t active_ = 0;
  std::size_t max_active_ = 0;
  std::size_t aborted_ = 0;
  std::size_t accepted_ = 0;
};

}  // namespace callslip::testing_support
