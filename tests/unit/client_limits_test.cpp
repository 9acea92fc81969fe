#include "plugin/http/client_limits.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace callslip::port {
namespace {

using namespace std::chrono_literals;

std::string key(const char* address) {
  return ClientLimits::key_of_address(boost::asio::ip::make_address(address));
}

TEST(ClientLimits, ProgramsOfThisMachineHaveNoKey) {
  EXPECT_EQ(key("127.0.0.1"), "");
  EXPECT_EQ(key("::1"), "");
  EXPECT_EQ(key("::ffff:127.0.0.1"), "");
  EXPECT_EQ(key("127.0.0.2"), "127.0.0.2");
  EXPECT_EQ(key("::ffff:192.0.2.7"), "192.0.2.7");
}

TEST(ClientLimits, ANetworkOfIpv6IsOneClient) {
  EXPECT_EQ(key("2001:db8:1:2::1"), "2001:db8:1:2::/64");
  EXPECT_EQ(key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_NE(key("2001:db8:1:3::1"), key("2001:db8:1:2::1"));
}

TEST(ClientLimits, CountsConnectionsInAllAndByAddress) {
  PortOptions options;
  options.max_connections = 3;
  options.max_connections_per_address = 2;
  ClientLimits limits(options);
  std::vector<std::shared_ptr<void>> places{limits.enter("a"), limits.enter("a")};
  EXPECT_EQ(limits.room("a"), Room::address_full);
  EXPECT_EQ(limits.room("b"), Room::free);
  places.push_back(limits.enter(""));
  EXPECT_EQ(limits.room("b"), Room::full);
  EXPECT_EQ(limits.room(""), Room::full);
  places.erase(places.begin());
  EXPECT_EQ(limits.room("a"), Room::free);
  EXPECT_EQ(limits.connections(), 2U);
}

TEST(ClientLimits, LetsTwoSecondsWorthOfRequestsComeAtOnceAndThenTheRate) {
  PortOptions options;
  options.max_requests_per_second = 10;
  ClientLimits limits(options);
  auto now = ClientLimits::Clock::now();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(limits.take_request("a", now).count(), 0) << i;
  const auto wait = limits.take_request("a", now);
  EXPECT_GE(wait, 100ms);
  EXPECT_LE(wait, 102ms);
  EXPECT_EQ(limits.take_request("b", now).count(), 0) << "another client";
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(limits.take_request("", now).count(), 0);
  now += wait;
  EXPECT_EQ(limits.take_request("a", now).count(), 0) << "when it has waited";
  EXPECT_GT(limits.take_request("a", now).count(), 0);
  now += 1h;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(limits.take_request("a", now).count(), 0) << i;
  EXPECT_GT(limits.take_request("a", now).count(), 0) << "saving up has an end";
}

TEST(ClientLimits, WhatHasHappenedAlreadyIsOwed) {
  PortOptions options;
  options.max_requests_per_second = 10;
  ClientLimits limits(options);
  const auto now = ClientLimits::Clock::now();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(limits.owe_request("a", now).count(), 0) << i;
  EXPECT_FALSE(limits.owes("a", now));
  std::chrono::milliseconds debt{};
  for (int i = 0; i < 30; ++i) debt = limits.owe_request("a", now);
  EXPECT_GE(debt, 3000ms);
  EXPECT_GT(debt, limits.longest_debt());
  EXPECT_TRUE(limits.owes("a", now));
  EXPECT_FALSE(limits.owes("a", now + 3001ms));
}

TEST(ClientLimits, ARateOfZeroIsNoBound) {
  PortOptions options;
  options.max_requests_per_second = 0;
  ClientLimits limits(options);
  const auto now = ClientLimits::Clock::now();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(limits.take_request("a", now).count(), 0);
    EXPECT_EQ(limits.owe_request("a", now).count(), 0);
  }
}

TEST(ClientLimits, BoundsWhatIsInFlight) {
  PortOptions options;
  options.max_requests_in_flight = 2;
  ClientLimits limits(options);
  auto first = limits.take_flight("a");
  const auto second = limits.take_flight("a");
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(limits.take_flight("a"));
  EXPECT_TRUE(limits.take_flight("b"));
  first.reset();
  EXPECT_TRUE(limits.take_flight("a"));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limits.take_flight(""));
}

TEST(ClientLimits, ForgetsClientsThatRest) {
  ClientLimits limits(PortOptions{});
  auto now = ClientLimits::Clock::now();
  for (int i = 0; i < 100'000; ++i) {
    now += 1ms;
    limits.take_request("client " + std::to_string(i), now);
  }
  EXPECT_LT(limits.remembered(), 5000U);
}

}  // namespace
}  // namespace callslip::port
