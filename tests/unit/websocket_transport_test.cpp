#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "port_fixture.h"

namespace callslip {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::StartsWith;

using WebSocketTransportTest = PortFixture;

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
  PortOptions options;
  options.max_connections = 2;
  add_route("GET", "/healthz", [](const std::shared_ptr<HttpExchange>& exchange) {
    exchange->respond({200, "text/plain", "ok\n", {}});
  });
  routes_.back().open = true;
  serve(options);
  WireClient first = open();
  {
    WireClient second = open();
    const std::string answer = answer_to(upgrade());
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(answer, EndsWith("all 2 connections are taken; try again later\"}\n"));
    EXPECT_THAT(answer_to("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                StartsWith("HTTP/1.1 200 "));
  }
  ASSERT_TRUE(handler_.wait_until_closed(1));
  WireClient third = open();
  third.write(frame(text, "in"));
  EXPECT_EQ(third.read_frame().payload, "echo in");
}

TEST_F(WebSocketTransportTest, ClosesAPeerThatDoesNotReadAndOnlyThat) {
  PortOptions options;
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
  PortOptions options;
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
  PortOptions options;
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
  PortOptions options;
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
  PortOptions options;
  options.port = 0;
  const OriginGate gate("127.0.0.1", {}, {});
  auto transport = PortTransport::listen(options, gate, {}, metrics_);
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
  const OriginGate gate("127.0.0.1", {}, {});
  PortOptions options;
  options.port = transport_->port();
  const auto second = PortTransport::listen(options, gate, {}, metrics_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::io);
  EXPECT_EQ(second.error().message,
            "port " + std::to_string(options.port) +
                " is in use; stop the other server or pass --listen 127.0.0.1:0");
}

TEST_F(WebSocketTransportTest, SaysThatAnAddressIsNotThisMachines) {
  const OriginGate gate("127.0.0.1", {}, {});
  PortOptions options;
  options.port = 0;
  options.address = "192.0.2.1";
  const auto foreign = PortTransport::listen(options, gate, {}, metrics_);
  ASSERT_FALSE(foreign.ok());
  EXPECT_THAT(foreign.error().message, StartsWith("'192.0.2.1' is not an address of this machine"));
  options.address = "no such name";
  const auto unknown = PortTransport::listen(options, gate, {}, metrics_);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message, "cannot listen on 'no such name': no such name or address");
}

TEST_F(WebSocketTransportTest, ListensOnIpv6) {
  const OriginGate gate("::1", {}, {});
  PortOptions options;
  options.port = 0;
  options.address = "[::1]";
  if (!PortTransport::listen(options, gate, {}, metrics_).ok()) GTEST_SKIP() << "no IPv6 here";
  serve(options);
  WireClient client(transport_->port(), AF_INET6);
  client.write(upgrade("", "/mcp", "Host: [::1]:1\r\n"));
  EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 101 "));
}

}  // namespace
}  // namespace callslip
