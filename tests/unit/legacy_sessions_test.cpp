#include "plugin/http/legacy_sessions.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/fake_exchange.h"

namespace callslip {
namespace {

using namespace std::chrono_literals;
using Clock = LegacySessions::Clock;

Principal named(const std::string& name) { return {name, false, nullptr}; }

LegacySessions::Options small() {
  LegacySessions::Options options;
  options.max_sessions = 3;
  options.idle = 60s;
  return options;
}

TEST(LegacySessionsTest, IdsAreLongRandomAndVisible) {
  LegacySessions sessions({});
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.insert(sessions.open(named("a"))->id);
  EXPECT_EQ(ids.size(), 100U);
  for (const std::string& id : ids) {
    EXPECT_GE(id.size(), 32U);
    EXPECT_TRUE(std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; }));
  }
}

TEST(LegacySessionsTest, ASessionIsItsOwnersAlone) {
  LegacySessions sessions({});
  const auto opened = sessions.open(named("a"));
  EXPECT_TRUE(sessions.find(opened->id, named("a")));
  EXPECT_FALSE(sessions.find(opened->id, named("b")));
  EXPECT_FALSE(sessions.close(opened->id, named("b")));
  Principal with_more = named("a");
  with_more.may_write = true;
  EXPECT_FALSE(sessions.find(opened->id, with_more)) << "rights have changed since";
  Principal with_less = named("a");
  with_less.collections = std::make_shared<const std::vector<std::string>>(1, "papers");
  EXPECT_FALSE(sessions.find(opened->id, with_less));
}

TEST(LegacySessionsTest, AClosedSessionIsGoneAndItsCallsAreCancelled) {
  LegacySessions sessions({});
  const auto opened = sessions.open(named("a"));
  const auto stop = opened->session->begin(1);
  EXPECT_TRUE(sessions.close(opened->id, named("a")));
  EXPECT_TRUE(stop->stop_requested());
  EXPECT_FALSE(sessions.find(opened->id, named("a")));
  EXPECT_FALSE(sessions.close(opened->id, named("a")));
}

TEST(LegacySessionsTest, IdleSessionsEndAndThoseWithAStreamOrACallDoNot) {
  LegacySessions sessions(small());
  const auto now = Clock::now();
  const auto idle = sessions.open(named("a"), now);
  const auto listening = sessions.open(named("a"), now);
  const auto calling = sessions.open(named("a"), now);
  listening->stream->attach(std::make_shared<FakeExchange>(HttpRequest{}));
  (void)calling->session->begin(1);
  sessions.sweep(now + 59s);
  EXPECT_EQ(sessions.size(), 3U);
  sessions.sweep(now + 61s);
  EXPECT_EQ(sessions.size(), 2U);
  EXPECT_FALSE(sessions.find(idle->id, named("a")));
  EXPECT_TRUE(sessions.find(listening->id, named("a")));
}

TEST(LegacySessionsTest, WhenThereAreTooManyTheLongestIdleOfTheSameOwnerMakesRoom) {
  LegacySessions sessions(small());
  const auto now = Clock::now();
  const auto other = sessions.open(named("b"), now);
  const auto first = sessions.open(named("a"), now + 1s);
  const auto second = sessions.open(named("a"), now + 2s);
  sessions.find(first->id, named("a"), now + 3s);
  EXPECT_TRUE(sessions.open(named("a"), now + 4s));
  EXPECT_FALSE(sessions.find(second->id, named("a")));
  EXPECT_TRUE(sessions.find(first->id, named("a")));
  EXPECT_TRUE(sessions.find(other->id, named("b"))) << "older, but another's";
}

TEST(LegacySessionsTest, WhenAllAreBusyThereIsNoRoom) {
  LegacySessions sessions(small());
  for (int i = 0; i < 3; ++i) (void)sessions.open(named("a"))->session->begin(1);
  EXPECT_FALSE(sessions.open(named("a")));
}

}  // namespace
}  // namespace callslip
