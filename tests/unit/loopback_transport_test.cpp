#include "plugin/transports/loopback_transport.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace callslip {
namespace {

using namespace std::chrono_literals;

/// Answers with what it got; closes on "bye".
class Echo final : public ConnectionHandler {
 public:
  void on_open(const std::shared_ptr<Connection>& connection) override {
    ++opened;
    last = connection;
  }
  void on_message(const std::shared_ptr<Connection>& connection, std::string message) override {
    const bool bye = message == "bye";
    connection->send("echo " + std::move(message));
    if (bye) connection->close();
  }
  void on_close(const std::shared_ptr<Connection>&) override { ++closed; }

  std::atomic<int> opened{0};
  std::atomic<int> closed{0};
  std::shared_ptr<Connection> last;
};

class LoopbackTransportTest : public ::testing::Test {
 protected:
  void serve() {
    server_ = std::jthread([this] { EXPECT_TRUE(transport_.run(echo_).ok()); });
  }
  void stop() {
    transport_.stop();
    server_.join();
  }

  Echo echo_;
  LoopbackTransport transport_;
  std::jthread server_;
};

TEST_F(LoopbackTransportTest, CarriesMessagesBothWaysInOrder) {
  serve();
  LoopbackClient client = transport_.connect();
  client.send("a");
  client.send("b");
  EXPECT_EQ(client.receive(), "echo a");
  EXPECT_EQ(client.receive(), "echo b");
  stop();
}

TEST_F(LoopbackTransportTest, ServesWhatQueuedUpBeforeItRan) {
  LoopbackClient client = transport_.connect();
  client.send("early");
  serve();
  EXPECT_EQ(client.receive(), "echo early");
  stop();
}

TEST_F(LoopbackTransportTest, DeliversWhatWasSentBeforeTheServerClosed) {
  serve();
  LoopbackClient client = transport_.connect();
  client.send("bye");
  EXPECT_EQ(client.receive(), "echo bye");
  EXPECT_EQ(client.receive(), std::nullopt);
  EXPECT_TRUE(client.closed());
  client.send("into the void");
  stop();
  EXPECT_EQ(echo_.closed, 1);
}

TEST_F(LoopbackTransportTest, OpensAndClosesEachClientOnce) {
  serve();
  {
    std::vector<LoopbackClient> clients;
    for (int i = 0; i < 20; ++i) clients.push_back(transport_.connect());
    for (LoopbackClient& client : clients) client.send("x");
    for (LoopbackClient& client : clients) EXPECT_EQ(client.receive(), "echo x");
    clients[3].close();
    clients.erase(clients.begin() + 10, clients.end());
    clients[4].send("bye");
    EXPECT_EQ(clients[4].receive(), "echo bye");
    stop();
    EXPECT_TRUE(clients[0].closed());
  }
  EXPECT_EQ(echo_.opened, 20);
  EXPECT_EQ(echo_.closed, 20);
}

TEST_F(LoopbackTransportTest, ClientsOfAStoppedTransportAreBornClosed) {
  transport_.stop();
  LoopbackClient client = transport_.connect();
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(client.receive(), std::nullopt);
  serve();
  server_.join();
  EXPECT_EQ(echo_.opened, 0);
}

TEST_F(LoopbackTransportTest, ReceiveGivesUpWhenNothingComes) {
  serve();
  LoopbackClient client = transport_.connect();
  EXPECT_EQ(client.receive(1ms), std::nullopt);
  EXPECT_FALSE(client.closed());
  stop();
}

TEST(LoopbackTransportLifetimeTest, ConnectionsMayOutliveTheTransport) {
  Echo echo;
  {
    LoopbackTransport transport;
    std::jthread server([&] { EXPECT_TRUE(transport.run(echo).ok()); });
    LoopbackClient client = transport.connect();
    client.send("x");
    EXPECT_EQ(client.receive(), "echo x");
    transport.stop();
  }
  echo.last->send("late");
  echo.last->close();
}

}  // namespace
}  // namespace callslip
