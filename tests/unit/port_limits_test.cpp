// What one client may take of the port. Other addresses than 127.0.0.1 stand for other machines.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "port_fixture.h"

namespace callslip {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ExchangePtr = std::shared_ptr<HttpExchange>;

constexpr const char* kHello = "GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/// Knows who asks by a header.
class NameGate final : public AccessControl {
 public:
  std::variant<Principal, Refusal> admit(const RequestHead& head) const override {
    if (head.header("x-name") == "nobody") {
      return Refusal{401, {{"WWW-Authenticate", "Bearer"}}, "show a token"};
    }
    return Principal{std::string(head.header("x-name")), head.header("x-name") == "writer",
                     nullptr};
  }
  bool still_admits(const Principal& principal) const override {
    return !revoked || principal.name != "heron";
  }
  Refusal write_refusal(const Principal& principal) const override {
    return {403, {{"WWW-Authenticate", "Bearer scope=write"}}, principal.name + " may only read"};
  }

  std::atomic<bool> revoked = false;
};

class PortLimitsTest : public PortFixture {
 protected:
  PortLimitsTest() {
    add_route("GET", "/hello", [](const ExchangePtr& exchange) {
      exchange->respond({200, "text/plain", "hello", {}});
    });
  }

  /// How many of so many requests on one connection are answered with this status.
  int answers(const char* from, int requests, const std::string& status,
              const std::string& headers = "") {
    WireClient client = dial(from);
    int found = 0;
    for (int i = 0; i < requests; ++i) {
      client.write("GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + "\r\n");
      if (client.read_response().starts_with("HTTP/1.1 " + status)) ++found;
    }
    return found;
  }
};

TEST_F(PortLimitsTest, TooManyRequestsASecondAre429WithRetryAfter) {
  PortOptions options;
  options.max_requests_per_second = 1;
  serve(options);
  WireClient client = dial("127.0.0.2");
  for (int i = 0; i < 2; ++i) {
    client.write(kHello);
    EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200 "));
  }
  client.write(kHello);
  const std::string refused = client.read_response();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 429 Too Many Requests\r\n"));
  EXPECT_THAT(refused, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_THAT(refused, HasSubstr("more than 1 requests a second"));
  EXPECT_THAT(dial("127.0.0.3").write(kHello), true);
  EXPECT_EQ(answers("127.0.0.4", 2, "200"), 2) << "another client";
  EXPECT_EQ(answers(nullptr, 50, "200"), 50) << "programs of this machine";
  // When it has waited, it is served again, on the same connection.
  std::this_thread::sleep_for(1100ms);
  client.write(kHello);
  EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(PortLimitsTest, ATokenIsOneClientWhereverItIsUsed) {
  access_ = std::make_unique<NameGate>();
  PortOptions options;
  options.max_requests_per_second = 2;
  serve(options);
  EXPECT_EQ(answers("127.0.0.2", 2, "200", "X-Name: heron\r\n"), 2);
  EXPECT_EQ(answers(nullptr, 2, "200", "X-Name: heron\r\n"), 2) << "here too";
  EXPECT_EQ(answers("127.0.0.3", 1, "429", "X-Name: heron\r\n"), 1);
  EXPECT_EQ(answers("127.0.0.2", 2, "200", "X-Name: kestrel\r\n"), 2) << "behind one address";
}

TEST_F(PortLimitsTest, WhoIsRefusedPaysByAddressAndIsNotEvenLookedAtThen) {
  access_ = std::make_unique<NameGate>();
  PortOptions options;
  options.max_requests_per_second = 2;
  serve(options);
  EXPECT_EQ(answers("127.0.0.2", 4, "401", "X-Name: nobody\r\n"), 4);
  EXPECT_EQ(answers("127.0.0.2", 1, "429", "X-Name: nobody\r\n"), 1);
}

TEST_F(PortLimitsTest, ARefusalCarriesItsHeaders) {
  access_ = std::make_unique<NameGate>();
  serve();
  for (const std::string& asked :
       {std::string("GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Name: nobody\r\n\r\n"),
        upgrade("X-Name: nobody\r\n")}) {
    const std::string answer = answer_to(asked);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 Unauthorized\r\n"));
    EXPECT_THAT(answer, HasSubstr("WWW-Authenticate: Bearer\r\n"));
    EXPECT_THAT(answer, EndsWith("{\"error\":\"show a token\"}\n"));
  }
}

TEST_F(PortLimitsTest, ThePrincipalReachesRoutesAndConnections) {
  access_ = std::make_unique<NameGate>();
  add_route("GET", "/who", [](const ExchangePtr& exchange) {
    exchange->respond({200, "text/plain", exchange->request().principal.name, {}});
  });
  handler_.hook = [](const std::shared_ptr<Connection>& connection, const std::string&) {
    connection->send(connection->principal().name);
  };
  serve();
  EXPECT_THAT(answer_to("GET /who HTTP/1.1\r\nHost: x\r\nX-Name: heron\r\n\r\n"),
              EndsWith("\r\n\r\nheron"));
  WireClient client = dial();
  client.write(upgrade("X-Name: kestrel\r\n"));
  client.read_head();
  client.write(frame(text, "who am I?"));
  EXPECT_EQ(client.read_frame().payload, "kestrel");
}

TEST_F(PortLimitsTest, WritingTakesTheRightTo) {
  access_ = std::make_unique<NameGate>();
  add_route("DELETE", "/all", [](const ExchangePtr& exchange) { exchange->respond({}); });
  routes_.back().needs_write = true;
  serve();
  const auto ask = [this](const std::string& name) {
    return answer_to("DELETE /all HTTP/1.1\r\nHost: x\r\nX-Name: " + name + "\r\n\r\n");
  };
  const std::string refused = ask("heron");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(refused, HasSubstr("WWW-Authenticate: Bearer scope=write\r\n"));
  EXPECT_THAT(refused, HasSubstr("heron may only read"));
  EXPECT_THAT(ask("writer"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(PortLimitsTest, ARevokedTokenEndsWebSocketsWith1008AndStreams) {
  auto owned = std::make_unique<NameGate>();
  NameGate& gate = *owned;
  access_ = std::move(owned);
  add_route("GET", "/stream", [](const ExchangePtr& exchange) {
    exchange->start({200, "text/event-stream", "", {}});
    exchange->write(": open\n\n");
    exchange->on_gone([exchange] {});  // keeps it
  });
  PortOptions options;
  options.admission_checks = 20ms;
  serve(options);
  const auto open_as = [this](const std::string& name) {
    WireClient client = dial();
    client.write(upgrade("X-Name: " + name + "\r\n"));
    EXPECT_THAT(client.read_head(), StartsWith("HTTP/1.1 101 "));
    return client;
  };
  WireClient listening = open_as("heron");
  WireClient other = open_as("kestrel");
  WireClient stream = dial();
  stream.write("GET /stream HTTP/1.1\r\nHost: x\r\nX-Name: heron\r\n\r\n");
  stream.read_head();
  EXPECT_EQ(stream.read_chunk(), ": open\n\n");
  gate.revoked = true;
  EXPECT_EQ(listening.read_frame().close_code(), 1008);
  EXPECT_EQ(stream.read_chunk(), std::nullopt);
  other.write(frame(text, "still here"));
  EXPECT_EQ(other.read_frame().payload, "echo still here");
}

TEST_F(PortLimitsTest, ARevokedTokensNextMessageIsNotTaken) {
  auto owned = std::make_unique<NameGate>();
  NameGate& gate = *owned;
  access_ = std::move(owned);
  serve();
  WireClient client = dial();
  client.write(upgrade("X-Name: heron\r\n"));
  client.read_head();
  gate.revoked = true;
  client.write(frame(text, "one more"));
  EXPECT_EQ(client.read_frame().close_code(), 1008);
}

TEST_F(PortLimitsTest, MessagesAreReadNoFasterThanTheRate) {
  PortOptions options;
  options.max_requests_per_second = 20;
  serve(options);
  WireClient client = open("127.0.0.2");
  for (int i = 0; i < 60; ++i) client.write(frame(text, std::to_string(i)));
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(client.read_frame().payload, "echo " + std::to_string(i)) << "nothing is lost";
  }
}

TEST_F(PortLimitsTest, AFloodOfMessagesIsClosedWith1008) {
  PortOptions options;
  options.max_requests_per_second = 10;
  serve(options);
  WireClient client = open("127.0.0.2");
  std::string flood;
  for (int i = 0; i < 400; ++i) flood += frame(i % 2 == 0 ? text : ping, "x");
  client.write(flood);
  int answered = 0;
  Frame last = client.read_frame();
  for (; last.opcode == text || last.opcode == pong; last = client.read_frame()) ++answered;
  EXPECT_EQ(last.close_code(), 1008);
  EXPECT_THAT(last.payload, HasSubstr("too many messages a second"));
  EXPECT_LT(answered, 60);
  EXPECT_EQ(metric("callslip_refusals_total{reason=\"rate\"}"), 1);
  // Programs of this machine may.
  WireClient local = open();
  local.write(flood);
  for (int i = 0; i < 400; ++i) EXPECT_GT(local.read_frame().opcode, 0);
}

TEST_F(PortLimitsTest, BoundsConnectionsOfAnAddress) {
  PortOptions options;
  options.max_connections_per_address = 3;
  serve(options);
  std::vector<WireClient> taken;
  taken.push_back(open("127.0.0.2"));
  taken.push_back(open("127.0.0.2"));
  taken.push_back(dial("127.0.0.2"));
  taken.back().write(kHello);
  EXPECT_THAT(taken.back().read_response(), StartsWith("HTTP/1.1 200 "));
  for (const std::string& asked : {std::string(kHello), upgrade()}) {
    WireClient more = dial("127.0.0.2");
    more.write(asked);
    const std::string answer = more.read_to_end();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 429 "));
    EXPECT_THAT(answer, HasSubstr("this address has 3 connections"));
  }
  EXPECT_EQ(answers("127.0.0.3", 1, "200"), 1) << "another address";
  std::vector<WireClient> local;
  for (int i = 0; i < 10; ++i) local.push_back(open());
  taken.front().vanish();
  EXPECT_TRUE(handler_.wait_until_closed(1));
  EXPECT_EQ(answers("127.0.0.2", 1, "200"), 1);
}

TEST_F(PortLimitsTest, BoundsRequestsInFlight) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<ExchangePtr> kept;
  add_route("GET", "/kept", [&](const ExchangePtr& exchange) {
    const std::lock_guard lock(mutex);
    kept.push_back(exchange);
    changed.notify_all();
  });
  PortOptions options;
  options.max_requests_in_flight = 2;
  serve(options);
  std::vector<WireClient> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(dial("127.0.0.2"));
    clients.back().write("GET /kept HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  }
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, 10s, [&] { return kept.size() == 2; }));
  }
  EXPECT_EQ(answers("127.0.0.2", 1, "429"), 1);
  EXPECT_EQ(answers("127.0.0.3", 1, "200"), 1);
  kept[0]->respond({200, "text/plain", "done", {}});
  kept[1]->respond({200, "text/plain", "done", {}});
  for (WireClient& client : clients) EXPECT_THAT(client.read_response(), EndsWith("done"));
  EXPECT_EQ(answers("127.0.0.2", 2, "200"), 2);
  kept.clear();
}

TEST_F(PortLimitsTest, IdleConnectionsMakeRoomForNewOnes) {
  PortOptions options;
  options.max_connections = 10;
  serve(options);
  WireClient busy = open();
  std::vector<WireClient> idle;
  for (int i = 0; i < 100; ++i) {
    idle.push_back(dial());
    if (i % 2 == 0) {
      idle.back().write(kHello);
      EXPECT_THAT(idle.back().read_response(), StartsWith("HTTP/1.1 200 ")) << i;
    } else {
      idle.back().write("GET /hel");
    }
  }
  EXPECT_TRUE(idle.front().ended());
  busy.write(frame(text, "still here"));
  EXPECT_EQ(busy.read_frame().payload, "echo still here");
  EXPECT_EQ(metric("callslip_connections{kind=\"websocket\"}"), 1);
}

}  // namespace
}  // namespace callslip
