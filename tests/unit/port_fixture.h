// PortFixture: the port, on a number of its own, with a handler and routes that answer. For tests.
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
#include <vector>

#include "plugin/http/port_transport.h"
#include "plugin/metrics.h"
#include "tests/support/origin_gate.h"
#include "tests/support/wire_client.h"

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

class PortFixture : public ::testing::Test {
 protected:
  void TearDown() override { stop(); }

  void serve(PortOptions options = {}) {
    options.port = 0;
    if (!access_) {
      access_ = std::make_unique<OriginGate>(options.address, allowed_origins_, allowed_hosts_);
    }
    auto listening = PortTransport::listen(std::move(options), *access_, routes_, metrics_);
    ASSERT_TRUE(listening.ok()) << listening.error().message;
    transport_ = std::move(listening).value();
    server_ = std::jthread([this] { EXPECT_TRUE(transport_->run(handler_).ok()); });
  }

  /// A route that answers at once.
  void add_route(const std::string& method, const std::string& path,
                 std::function<void(std::shared_ptr<HttpExchange>)> handle) {
    HttpRoute route;
    route.method = method;
    route.path = path;
    route.handle = std::move(handle);
    routes_.push_back(std::move(route));
  }

  void stop() {
    if (transport_) transport_->stop();
    if (server_.joinable()) server_.join();
    EXPECT_EQ(handler_.opened(), handler_.closed());
  }

  WireClient dial(const char* from = nullptr) {
    return WireClient(transport_->port(), AF_INET, 0, from);
  }

  WireClient open(const char* from = nullptr) {
    WireClient client = dial(from);
    client.write(upgrade());
    EXPECT_THAT(client.read_head(), ::testing::StartsWith("HTTP/1.1 101 "));
    return client;
  }

  /// The whole answer to a request that is refused or is plain HTTP.
  std::string answer_to(const std::string& request) {
    WireClient client = dial();
    client.write(request);
    return client.read_response();
  }

  /// The head of the answer to a handshake.
  std::string handshake(const std::string& request) {
    WireClient client = dial();
    client.write(request);
    return client.read_head();
  }

  /// The value of a line of what /metrics would print; -1: there is no such line.
  double metric(const std::string& series) const {
    const std::string printed = "\n" + metrics_.text();
    const std::size_t at = printed.find("\n" + series + " ");
    return at == std::string::npos ? -1 : std::stod(printed.substr(at + series.size() + 2));
  }

  /// Whether it gets to be so much in time: what counts may come a moment after what is counted.
  bool wait_for_metric(const std::string& series, double least) const {
    for (int i = 0; i < 10'000; ++i) {
      if (metric(series) >= least) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  EchoHandler handler_;
  std::vector<std::string> allowed_origins_;
  std::vector<std::string> allowed_hosts_;
  std::vector<HttpRoute> routes_;
  Metrics metrics_;
  std::unique_ptr<AccessControl> access_;
  std::unique_ptr<PortTransport> transport_;
  std::jthread server_;
};

}  // namespace callslip
