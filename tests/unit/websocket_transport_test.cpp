#include "plugin/websocket_transport.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace callslip {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int text = 1;
constexpr int binary = 2;
constexpr int closing = 8;
constexpr int ping = 9;
constexpr int pong = 10;

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
  explicit WireClient(std::uint16_t port, int family = AF_INET, int receive_buffer = 0) {
    fd_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
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

  bool fill(int timeout_ms = 10000) {
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

  std::string read_to_end() {
    while (fill()) {
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

std::string frame_head(int opcode, std::uint64_t size, bool fin = true) {
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

std::string frame(int opcode, std::string payload, bool fin = true) {
  std::string bytes = frame_head(opcode, payload.size(), fin);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    payload[i] = static_cast<char>(payload[i] ^ static_cast<char>(i % 4 + 1));
  }
  return bytes + payload;
}

std::string upgrade(const std::string& headers = "Sec-WebSocket-Protocol: mcp\r\n",
                    const std::string& path = "/mcp",
                    const std::string& host = "Host: 127.0.0.1\r\n") {
  return "GET " + path + " HTTP/1.1\r\n" + host +
         "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
         headers + "\r\n";
}

class EchoHandler final : public ConnectionHandler {
 public:
  using Hook = std::function<void(const std::shared_ptr<Connection>&, std::string)>;

  void on_open(const std::shared_ptr<Connection>& connection) override {
    count(opened_, connection);
  }
  void on_message(const std::shared_ptr<Connection>& connection, std::string message) override {
    hook(connection, std::move(message));
  }
  void on_close(const std::shared_ptr<Connection>& connection) override {
    count(closed_, connection);
  }

  bool wait_until_closed(std::size_t connections) { return wait(closed_, connections); }

  std::size_t opened() const { return size(opened_); }
  std::size_t closed() const { return size(closed_); }

  Hook hook = [](const std::shared_ptr<Connection>& connection, std::string message) {
    connection->send("echo " + message);
  };

 private:
  void count(std::multiset<Connection*>& set, const std::shared_ptr<Connection>& connection) {
    const std::lock_guard lock(mutex_);
    set.insert(connection.get());
    kept_.insert(connection);  // so that no two share an address
    EXPECT_EQ(set.count(connection.get()), 1U);
    EXPECT_EQ(opened_.count(connection.get()), 1U);
    changed_.notify_all();
  }
  bool wait(const std::multiset<Connection*>& set, std::size_t wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return set.size() >= wanted; });
  }
  std::size_t size(const std::multiset<Connection*>& set) const {
    const std::lock_guard lock(mutex_);
    return set.size();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::multiset<Connection*> opened_;
  std::multiset<Connection*> closed_;
  std::set<std::shared_ptr<Connection>> kept_;
};

class WebSocketTransportTest : public ::testing::Test {
 protected:
  void TearDown() override { stop(); }

  void serve(WebSocketOptions options = {}) {
    options.port = 0;
    auto listening = WebSocketTransport::listen(std::move(options));
    ASSERT_TRUE(listening.ok()) << listening.error().message;
    transport_ = std::move(listening).value();
    server_ = std::jthread([this] { EXPECT_TRUE(transport_->run(handler_).ok()); });
  }

  void stop() {
    if (transport_) transport_->stop();
    if (server_.joinable()) server_.join();
    EXPECT_EQ(handler_.opened(), handler_.closed());
  }

  WireClient dial() { return WireClient(transport_->port()); }

  WireClient open() {
    WireClient client = dial();
    client.write(upgrade());
    EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 101 "));
    return client;
  }

  /// The whole answer to a request that is refused or is plain HTTP.
  std::string answer_to(const std::string& request) {
    WireClient client = dial();
    client.write(request);
    return client.read_to_end();
  }

  /// The head of the answer to a handshake.
  std::string handshake(const std::string& request) {
    WireClient client = dial();
    client.write(request);
    return client.read_head();
  }

  EchoHandler handler_;
  std::unique_ptr<WebSocketTransport> transport_;
  std::jthread server_;
};

TEST_F(WebSocketTransportTest, EchoesMessagesOfAllSizes) {
  serve();
  WireClient client = open();
  for (const std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U, 3000000U}) {
    const std::string message(size, 'm');
    client.write(frame(text, message));
    const Frame answer = client.read_frame();
    EXPECT_EQ(answer.opcode, text);
    EXPECT_EQ(answer.payload.size(), size + 5);
    EXPECT_TRUE(answer.payload == "echo " + message);
  }
}

TEST_F(WebSocketTransportTest, SelectsTheSubprotocolMcpWhereItIsOffered) {
  serve();
  EXPECT_THAT(handshake(upgrade()), HasSubstr("Sec-WebSocket-Protocol: mcp\r\n"));
  EXPECT_THAT(handshake(upgrade("Sec-WebSocket-Protocol: callslip.bearer.YWJj_-, mcp\r\n")),
              HasSubstr("Sec-WebSocket-Protocol: mcp\r\n"));
  for (const char* headers : {"", "Sec-WebSocket-Protocol: chat, mcp2\r\n"}) {
    const std::string head = handshake(upgrade(headers));
    EXPECT_THAT(head, StartsWith("HTTP/1.1 101 "));
    EXPECT_THAT(head, Not(HasSubstr("Sec-WebSocket-Protocol")));
  }
}

TEST_F(WebSocketTransportTest, OffersNoCompression) {
  serve();
  EXPECT_THAT(handshake(upgrade("Sec-WebSocket-Extensions: permessage-deflate\r\n")),
              Not(HasSubstr("permessage-deflate")));
}

TEST_F(WebSocketTransportTest, RefusesForeignOriginsBeforeTheUpgrade) {
  WebSocketOptions options;
  options.allowed_origins = {"https://chat.example"};
  serve(options);
  for (const char* origin : {"https://evil.example", "null", "http://localhost.evil.example"}) {
    const std::string answer = answer_to(upgrade(std::string("Origin: ") + origin + "\r\n"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 ")) << origin;
    EXPECT_THAT(answer, EndsWith("allow it in the server's configuration\n"));
  }
  for (const char* origin : {"https://chat.example", "http://localhost:3000", "http://[::1]:9"}) {
    EXPECT_THAT(handshake(upgrade(std::string("Origin: ") + origin + "\r\n")),
                StartsWith("HTTP/1.1 101 "))
        << origin;
  }
}

TEST_F(WebSocketTransportTest, RefusesForeignHosts) {
  WebSocketOptions options;
  options.allowed_hosts = {"box.lan"};
  serve(options);
  EXPECT_THAT(answer_to(upgrade("", "/mcp", "Host: evil.example:8137\r\n")),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer_to("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer_to(upgrade("", "/mcp", "Host: localhost\r\nHost: evil.example\r\n")),
              Not(HasSubstr(" 101 ")));
  EXPECT_THAT(answer_to(upgrade("", "/mcp", "")), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(handshake(upgrade("", "/mcp", "Host: box.lan:8137\r\n")),
              StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(handshake(upgrade("", "/mcp", "Host: [::1]:8137\r\n")), StartsWith("HTTP/1.1 101 "));
}

TEST_F(WebSocketTransportTest, ServesOneEndpoint) {
  serve();
  EXPECT_THAT(answer_to(upgrade("", "/other")), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(answer_to(upgrade("", "/mcp/x")), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(handshake(upgrade("", "/mcp?from=test")), StartsWith("HTTP/1.1 101 "));
}

TEST_F(WebSocketTransportTest, AnswersPlainHttp) {
  serve();
  const std::string host = " HTTP/1.1\r\nHost: localhost\r\n";
  const std::string health = answer_to("GET /healthz" + host + "\r\n");
  EXPECT_THAT(health, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(health, HasSubstr("Content-Type: text/plain"));
  EXPECT_THAT(health, EndsWith("\r\n\r\nok\n"));
  EXPECT_THAT(answer_to("GET /" + host + "\r\n"), StartsWith("HTTP/1.1 404 "));
  const std::string hint = answer_to("GET /mcp" + host + "\r\n");
  EXPECT_THAT(hint, StartsWith("HTTP/1.1 426 "));
  EXPECT_THAT(hint, HasSubstr("Upgrade: websocket\r\n"));
  EXPECT_THAT(hint, EndsWith("connect to ws://HOST:PORT/mcp\n"));
  EXPECT_THAT(answer_to("POST /mcp" + host + "Content-Length: 5\r\n\r\nhello"),
              StartsWith("HTTP/1.1 426 "));
  EXPECT_THAT(
      answer_to("POST /mcp" + host + "Content-Length: 70000\r\n\r\n" + std::string(70000, 'x')),
      StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer_to("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(WebSocketTransportTest, SpeaksOnlyTheVersionOfTheRfc) {
  serve();
  for (const char* version : {"", "Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: x\r\n"}) {
    const std::string answer = answer_to(
        std::string("GET /mcp HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") +
        version + "\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 426 ")) << version;
    EXPECT_THAT(answer, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
  }
}

TEST_F(WebSocketTransportTest, AcceptsAHandshakeByteByByteAndAMessageRightBehindIt) {
  serve();
  WireClient client = dial();
  for (const char byte : upgrade()) client.write(std::string(1, byte));
  EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 101 "));
  WireClient hasty = dial();
  hasty.write(upgrade() + frame(text, "early"));
  EXPECT_THAT(hasty.read_head(), StartsWith("HTTP/1.1 101 "));
  EXPECT_EQ(hasty.read_frame().payload, "echo early");
}

TEST_F(WebSocketTransportTest, DropsAHandshakeThatIsNotCompleted) {
  WebSocketOptions options;
  options.handshake_timeout = 1s;
  serve(options);
  EXPECT_EQ(answer_to("GET /mcp HTTP/1.1\r\nHost: loc"), "");
}

TEST_F(WebSocketTransportTest, PutsFragmentsTogetherAndAnswersAPingBetweenThem) {
  serve();
  WireClient client = open();
  client.write(frame(text, "one ", false) + frame(ping, "are you there") +
               frame(0, "t\xc3", false) + frame(0, "\xa9 three"));
  const Frame first = client.read_frame();
  EXPECT_EQ(first.opcode, pong);
  EXPECT_EQ(first.payload, "are you there");
  EXPECT_EQ(client.read_frame().payload, "echo one t\xc3\xa9 three");
}

TEST_F(WebSocketTransportTest, ClosesOnABinaryFrame) {
  serve();
  WireClient client = open();
  client.write(frame(binary, "\x01\x02"));
  EXPECT_EQ(client.read_frame().close_code(), 1003);
  client.write(frame(closing, "\x03\xeb"));
  EXPECT_EQ(client.read_frame().opcode, -1);
  EXPECT_TRUE(handler_.wait_until_closed(1));
}

TEST_F(WebSocketTransportTest, ClosesOnTextThatIsNotUtf8) {
  serve();
  for (const char* bad : {"\xff", "\xc3", "\xed\xa0\x80"}) {
    WireClient client = open();
    client.write(frame(text, bad));
    EXPECT_EQ(client.read_frame().close_code(), 1007);
  }
}

TEST_F(WebSocketTransportTest, ClosesOnFramesThatBreakTheProtocol) {
  serve();
  for (const std::string& bad :
       {frame(0, "continues nothing"), frame(3, "reserved"), frame(ping, std::string(126, 'p')),
        frame(text, "a", false) + frame(text, "b"),
        std::string("\x81\x01"
                    "a"),
        std::string("\xc1") + frame(text, "rsv1").substr(1)}) {
    WireClient client = open();
    client.write(bad);
    EXPECT_EQ(client.read_frame().close_code(), 1002);
  }
}

TEST_F(WebSocketTransportTest, ClosesOnAMessageThatIsTooBig) {
  WebSocketOptions options;
  options.max_message_bytes = 1000;
  serve(options);
  WireClient fits = open();
  fits.write(frame(text, std::string(1000, 'x')));
  EXPECT_EQ(fits.read_frame().payload.size(), 1005U);
  WireClient whole = open();
  whole.write(frame(text, std::string(1001, 'x')));
  EXPECT_EQ(whole.read_frame().close_code(), 1009);
  WireClient pieces = open();
  pieces.write(frame(text, std::string(600, 'x'), false) + frame(0, std::string(401, 'x')));
  EXPECT_EQ(pieces.read_frame().close_code(), 1009);
}

TEST_F(WebSocketTransportTest, RefusesAHugeFrameByItsHeader) {
  serve();
  WireClient client = open();
  client.write(frame_head(text, 100'000'000));
  EXPECT_EQ(client.read_frame().close_code(), 1009);
}

TEST_F(WebSocketTransportTest, TheReasonReachesAPeerThatIsStillSending) {
  serve();
  WireClient client = open();
  // Sent in full before anything is read, as many clients do. A reset would lose the close frame.
  EXPECT_TRUE(client.write(frame(text, std::string(20'000'000, 'x'))));
  EXPECT_EQ(client.read_frame().close_code(), 1009);
}

TEST_F(WebSocketTransportTest, ALengthThatWrapsAroundIsTooBig) {
  WebSocketOptions options;
  options.max_message_bytes = 1000;
  serve(options);
  WireClient client = open();
  client.write(frame(text, std::string(100, 'x'), false) + frame_head(0, ~std::uint64_t{0} - 49));
  EXPECT_EQ(client.read_frame().close_code(), 1009);
}

TEST_F(WebSocketTransportTest, ClosesOnceForEachOpenHoweverTheClientGoes) {
  serve();
  std::vector<WireClient> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(open());
    clients.back().write(frame(text, std::to_string(i)));
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_EQ(clients[i].read_frame().payload, "echo " + std::to_string(i));
  }
  EXPECT_EQ(handler_.opened(), 200U);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const std::string message = frame(text, std::string(5000, 'x'));
    switch (i % 6) {
      case 0:
        clients[i].write(frame(closing, "\x03\xe8"));
        EXPECT_EQ(clients[i].read_frame().close_code(), 1000);
        break;
      case 1:
        clients[i].vanish();
        break;
      case 2:
        clients[i].write(message.substr(0, 3000));  // in the middle of a message
        clients[i].vanish();
        break;
      case 3:
        clients[i].write(message.substr(0, 3));  // of a header
        clients[i].reset();
        break;
      case 4:
        clients[i].write(message);  // without reading the answer
        clients[i].reset();
        break;
      default:
        clients[i].write(frame(binary, "b"));
        clients[i].vanish();
    }
  }
  clients.clear();
  EXPECT_TRUE(handler_.wait_until_closed(200));
  EXPECT_EQ(handler_.closed(), 200U);
  WireClient survivor = open();
  survivor.write(frame(text, "still here"));
  EXPECT_EQ(survivor.read_frame().payload, "echo still here");
}

TEST_F(WebSocketTransportTest, RefusesConnectionsBeyondTheLimit) {
  WebSocketOptions options;
  options.max_connections = 2;
  serve(options);
  WireClient first = open();
  {
    WireClient second = open();
    const std::string answer = answer_to(upgrade());
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(answer, EndsWith("all 2 connections are taken; try again later\n"));
    EXPECT_THAT(answer_to("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                StartsWith("HTTP/1.1 200 "));
  }
  ASSERT_TRUE(handler_.wait_until_closed(1));
  WireClient third = open();
  third.write(frame(text, "in"));
  EXPECT_EQ(third.read_frame().payload, "echo in");
}

TEST_F(WebSocketTransportTest, ClosesAPeerThatDoesNotReadAndOnlyThat) {
  WebSocketOptions options;
  options.max_send_buffer_bytes = 1 << 20;
  handler_.hook = [](const std::shared_ptr<Connection>& connection, const std::string&) {
    connection->send(std::string(100'000, 'a'));
  };
  serve(options);
  WireClient lazy = open();
  WireClient reader = open();
  for (int i = 0; i < 400; ++i) {  // 40 MB each, more than the kernel keeps
    lazy.write(frame(text, "more"));
    reader.write(frame(text, "more"));
    ASSERT_EQ(reader.read_frame().payload.size(), 100'000U) << i;
  }
  EXPECT_TRUE(handler_.wait_until_closed(1));
  EXPECT_EQ(handler_.closed(), 1U);
}

TEST_F(WebSocketTransportTest, OneMessageMayExceedTheSendBuffer) {
  WebSocketOptions options;
  options.max_send_buffer_bytes = 1000;
  handler_.hook = [](const std::shared_ptr<Connection>& connection, const std::string&) {
    connection->send(std::string(2'000'000, 'a'));
  };
  serve(options);
  WireClient client = open();
  for (int i = 0; i < 2; ++i) {
    client.write(frame(text, "big"));
    EXPECT_EQ(client.read_frame().payload.size(), 2'000'000U);
  }
}

TEST_F(WebSocketTransportTest, ClosesAPeerThatPingsAndDoesNotRead) {
  WebSocketOptions options;
  options.max_send_buffer_bytes = 100'000;
  serve(options);
  WireClient client(transport_->port(), AF_INET, 4096);
  client.write(upgrade());
  EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 101 "));
  std::string pings;
  for (int i = 0; i < 1000; ++i) pings += frame(ping, std::string(125, 'p'));
  for (int i = 0; i < 1000 && client.write(pings); ++i) {
  }
  EXPECT_TRUE(handler_.wait_until_closed(1));
}

TEST_F(WebSocketTransportTest, CloseDeliversWhatWasSentBefore) {
  handler_.hook = [](const std::shared_ptr<Connection>& connection, const std::string&) {
    connection->send("last words");
    connection->close();
    connection->send("too late");
  };
  serve();
  WireClient client = open();
  client.write(frame(text, "x"));
  EXPECT_EQ(client.read_frame().payload, "last words");
  EXPECT_EQ(client.read_frame().close_code(), 1000);
}

TEST_F(WebSocketTransportTest, KeepsTheOrderOfEachSender) {
  std::shared_ptr<Connection> connection;
  std::mutex mutex;
  std::condition_variable changed;
  handler_.hook = [&](const std::shared_ptr<Connection>& from, const std::string&) {
    const std::lock_guard lock(mutex);
    connection = from;
    changed.notify_one();
  };
  serve();
  WireClient client = open();
  client.write(frame(text, "go"));
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, 10s, [&] { return connection != nullptr; }));
  }
  constexpr int senders = 4;
  constexpr int messages = 1000;
  std::vector<std::jthread> threads;
  for (int sender = 0; sender < senders; ++sender) {
    threads.emplace_back([connection, sender] {
      for (int i = 0; i < messages; ++i) {
        connection->send(std::string(1, static_cast<char>('a' + sender)) + std::to_string(i));
      }
    });
  }
  std::array<int, senders> next{};
  for (int i = 0; i < senders * messages; ++i) {
    const std::string message = client.read_frame().payload;
    ASSERT_FALSE(message.empty());
    int& expected = next.at(static_cast<std::size_t>(message[0] - 'a'));
    ASSERT_EQ(message.substr(1), std::to_string(expected));
    ++expected;
  }
}

TEST_F(WebSocketTransportTest, StopLetsOutWhatWasSentAndSaysGoingAway) {
  handler_.hook = [this](const std::shared_ptr<Connection>& connection, const std::string&) {
    for (int i = 0; i < 80; ++i) connection->send(std::string(100'000, 'a'));
    transport_->stop();
  };
  serve();
  WireClient client = open();
  WireClient idle = open();
  client.write(frame(text, "x"));
  for (int i = 0; i < 80; ++i) ASSERT_EQ(client.read_frame().payload.size(), 100'000U) << i;
  EXPECT_EQ(client.read_frame().close_code(), 1001);
  EXPECT_EQ(idle.read_frame().close_code(), 1001);
  client.write(frame(closing, "\x03\xe9"));
  idle.write(frame(closing, "\x03\xe9"));
  client.vanish();
  idle.vanish();
  server_.join();
  EXPECT_EQ(handler_.closed(), 2U);
}

TEST_F(WebSocketTransportTest, StopDoesNotWaitForeverForPeers) {
  WebSocketOptions options;
  options.drain_timeout = 50ms;
  handler_.hook = [this](const std::shared_ptr<Connection>& connection, const std::string&) {
    for (int i = 0; i < 200; ++i) connection->send(std::string(100'000, 'a'));
    transport_->stop();
  };
  serve(options);
  WireClient silent = open();
  WireClient unfinished = dial();
  unfinished.write("GET /mcp HTTP/1.1\r\n");
  WireClient client = open();
  client.write(frame(text, "x"));
  server_.join();
  EXPECT_EQ(handler_.closed(), 2U);
}

TEST_F(WebSocketTransportTest, StopsBeforeItRuns) {
  auto transport = WebSocketTransport::listen([] {
    WebSocketOptions options;
    options.port = 0;
    return options;
  }());
  ASSERT_TRUE(transport.ok());
  transport.value()->stop();
  EXPECT_TRUE(transport.value()->run(handler_).ok());
}

TEST_F(WebSocketTransportTest, ConnectionsMayOutliveTheTransport) {
  std::shared_ptr<Connection> kept;
  handler_.hook = [&kept](const std::shared_ptr<Connection>& connection, const std::string&) {
    kept = connection;
    connection->send("kept");
  };
  serve();
  WireClient client = open();
  client.write(frame(text, "x"));
  EXPECT_EQ(client.read_frame().payload, "kept");
  client.vanish();
  stop();
  transport_.reset();
  kept->send("late");
  kept->close();
}

TEST_F(WebSocketTransportTest, SaysThatAPortIsInUse) {
  serve();
  WebSocketOptions options;
  options.port = transport_->port();
  const auto second = WebSocketTransport::listen(options);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::io);
  EXPECT_EQ(second.error().message,
            "port " + std::to_string(options.port) +
                " is in use; stop the other server or pass --listen 127.0.0.1:0");
}

TEST_F(WebSocketTransportTest, SaysThatAnAddressIsNotThisMachines) {
  WebSocketOptions options;
  options.port = 0;
  options.address = "192.0.2.1";
  const auto foreign = WebSocketTransport::listen(options);
  ASSERT_FALSE(foreign.ok());
  EXPECT_THAT(foreign.error().message, StartsWith("'192.0.2.1' is not an address of this machine"));
  options.address = "no such name";
  const auto unknown = WebSocketTransport::listen(options);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message, "cannot listen on 'no such name': no such name or address");
}

TEST_F(WebSocketTransportTest, ListensOnIpv6) {
  WebSocketOptions options;
  options.port = 0;
  options.address = "[::1]";
  if (!WebSocketTransport::listen(options).ok()) GTEST_SKIP() << "no IPv6 here";
  serve(options);
  WireClient client(transport_->port(), AF_INET6);
  client.write(upgrade("", "/mcp", "Host: [::1]:1\r\n"));
  EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 101 "));
}

}  // namespace
}  // namespace callslip
