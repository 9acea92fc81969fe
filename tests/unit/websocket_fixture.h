// WebSocketFixture: a transport on a port of its own, with a handler that answers. For tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "plugin/transports/websocket_transport.h"
#include "wire_client.h"

namespace callslip {

/// Answers by its hook; checks that each connection opens once and closes once.
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
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return set.size() >= wanted; });
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

class WebSocketFixture : public ::testing::Test {
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
    EXPECT_THAT(client.read_head(), ::testing::StartsWith("HTTP/1.1 101 "));
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

}  // namespace callslip
