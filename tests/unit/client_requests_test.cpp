#include "plugin/mcp/client_requests.h"

#include <gtest/gtest.h>

#include <thread>

namespace callslip {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

TEST(ClientRequestsTest, AReplyReachesWhoWaitsForIt) {
  ClientRequests requests;
  const std::string first = requests.open();
  const std::string second = requests.open();
  ASSERT_NE(first, second);
  std::jthread client([&] {
    requests.answered({second, "two", {}});
    requests.answered({first, "one", {}});
  });
  EXPECT_EQ(requests.wait(first, {}, 20s)->result, "one");
  EXPECT_EQ(requests.wait(second, {}, 20s)->result, "two");
}

TEST(ClientRequestsTest, RepliesThatNobodyWaitsForAreDropped) {
  ClientRequests requests;
  const std::string id = requests.open();
  requests.answered({"other", "x", {}});
  requests.answered({7, "x", {}});
  requests.answered({id, "first", {}});
  requests.answered({id, "second", {}});
  EXPECT_EQ(requests.wait(id, {}, 20s)->result, "first");
  EXPECT_FALSE(requests.wait(id, {}, 20s)) << "once";
}

TEST(ClientRequestsTest, AWaitEndsWhenTheCallOrTheClientEnds) {
  ClientRequests requests;
  const std::string stopped = requests.open();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(requests.wait(stopped, stop.get_token(), 20s));
  EXPECT_FALSE(requests.wait(requests.open(), {}, 1ms));
  const std::string left = requests.open();
  std::jthread client([&] { requests.close(); });
  EXPECT_FALSE(requests.wait(left, {}, 20s));
}

}  // namespace
}  // namespace callslip
