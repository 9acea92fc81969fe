#include "tools/endpoint_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace callslip {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using Clock = EndpointPool::Clock;
using Member = EndpointPool::Member;
using Outcome = EndpointPool::Outcome;

std::vector<Endpoint> endpoints(std::size_t count) {
  std::vector<Endpoint> all(count);
  for (std::size_t i = 0; i < count; ++i) all[i].label = "host" + std::to_string(i);
  return all;
}

class PoolOf {
 public:
  PoolOf(std::size_t count, std::size_t concurrency)
      : multi_(curl_multi_init(), curl_multi_cleanup),
        pool_(endpoints(count), {.concurrency = concurrency}) {}

  EndpointPool& operator*() { return pool_; }
  std::unique_ptr<Member> member() { return std::make_unique<Member>(pool_, multi_.get()); }

 private:
  const std::unique_ptr<CURLM, CURLMcode (*)(CURLM*)> multi_;
  EndpointPool pool_;
};

/// Starts as many calls as may start: their endpoints.
std::vector<std::size_t> start_all(Member& member, Clock::time_point now = Clock::now()) {
  std::vector<std::size_t> started;
  while (const auto endpoint = member.try_start(now, 0)) started.push_back(*endpoint);
  return started;
}

/// How many calls may be under way: what an endpoint's window is.
std::size_t window(Member& member) {
  const std::vector<std::size_t> started = start_all(member);
  // "Refused" tells nothing of load.
  for (const std::size_t at : started) member.ended(at, Outcome::refused, Clock::now(), 0ms);
  return started.size();
}

void end(Member& member, std::size_t endpoint, Outcome outcome,
         Clock::time_point started = Clock::now(), std::chrono::milliseconds retry_after = 0ms) {
  member.ended(endpoint, outcome, started, retry_after);
}

/// One call that was answered after this time.
void answer(Member& member, std::chrono::milliseconds latency) {
  const auto endpoint = member.try_start(Clock::now(), 0);
  ASSERT_TRUE(endpoint.has_value());
  end(member, *endpoint, Outcome::answered, Clock::now() - latency);
}

/// One call that no connection came about for.
void fail_to_reach(Member& member, std::size_t endpoint, Clock::time_point now = Clock::now()) {
  ASSERT_EQ(member.try_start(now, 0), endpoint);
  end(member, endpoint, Outcome::unreachable);
}

TEST(EndpointPool, BoundsCallsOverAllEndpointsAndChoosesTheLeastLoaded) {
  PoolOf pool(3, 6);
  const auto member = pool.member();
  EXPECT_THAT(start_all(*member), ElementsAre(0, 1, 2, 0, 1, 2));
  end(*member, 1, Outcome::answered);
  EXPECT_THAT(start_all(*member), ElementsAre(1));
}

TEST(EndpointPool, GoesElsewhereWithWhatFailedThere) {
  PoolOf pool(2, 8);
  const auto member = pool.member();
  EXPECT_EQ(member->try_start(Clock::now(), Member::bit(0)), 1U);
  EXPECT_EQ(member->try_start(Clock::now(), Member::bit(0)), 1U);
  // Where it failed everywhere, load decides.
  EXPECT_EQ(member->try_start(Clock::now(), Member::bit(0) | Member::bit(1)), 0U);
}

TEST(EndpointPool, WaitsForAPlaceElsewhereRatherThanToFailAgain) {
  PoolOf pool(2, 8);
  const auto member = pool.member();
  // The second's window is brought down to one call, and that is under way.
  for (int i = 0; i < 4; ++i) {
    const auto started = Clock::now();
    ASSERT_EQ(member->try_start(started, Member::bit(0)), 1U);
    end(*member, 1, Outcome::overloaded, started);
  }
  ASSERT_EQ(member->try_start(Clock::now(), Member::bit(0)), 1U);
  EXPECT_EQ(member->try_start(Clock::now(), Member::bit(0)), std::nullopt);
  // What failed nowhere need not wait.
  EXPECT_EQ(member->try_start(Clock::now(), 0), 0U);
  end(*member, 1, Outcome::answered);
  EXPECT_EQ(member->try_start(Clock::now(), Member::bit(0)), 1U);
  // It rests: there is no other any more.
  end(*member, 1, Outcome::unreachable);
  EXPECT_EQ(member->try_start(Clock::now(), Member::bit(0)), 0U);
}

TEST(EndpointPool, HalvesItsWindowOncePerRoundOfOverloads) {
  PoolOf pool(1, 16);
  const auto member = pool.member();
  for (const std::size_t left : {8U, 4U, 2U, 1U, 1U}) {
    const auto started = Clock::now();
    const std::vector<std::size_t> calls = start_all(*member);
    for (const std::size_t at : calls) end(*member, at, Outcome::overloaded, started);
    EXPECT_EQ(window(*member), left);
  }
}

TEST(EndpointPool, HalvesForFailuresToo) {
  PoolOf pool(1, 8);
  const auto member = pool.member();
  const auto started = Clock::now();
  start_all(*member);
  end(*member, 0, Outcome::failed, started);
  end(*member, 0, Outcome::failed, started);
  for (int i = 0; i < 6; ++i) end(*member, 0, Outcome::refused, started);
  EXPECT_EQ(window(*member), 4U);
}

TEST(EndpointPool, GrowsBackWhileLatencyHolds) {
  PoolOf pool(1, 16);
  const auto member = pool.member();
  const auto started = Clock::now();
  member->try_start(started, 0);
  end(*member, 0, Outcome::overloaded, started);
  ASSERT_EQ(window(*member), 8U);
  for (int i = 0; i < 4; ++i) answer(*member, 2000ms);
  EXPECT_EQ(window(*member), 12U);  // fast, to three quarters of what was too much
  for (int i = 0; i < 4; ++i) answer(*member, 2000ms);
  EXPECT_EQ(window(*member), 12U);  // slow
  for (int i = 0; i < 100; ++i) answer(*member, 2000ms);
  EXPECT_EQ(window(*member), 16U);  // never above the bound
}

TEST(EndpointPool, DoesNotGrowWhileLatencyRises) {
  PoolOf pool(1, 16);
  const auto member = pool.member();
  answer(*member, 2000ms);
  const auto started = Clock::now();
  member->try_start(started, 0);
  end(*member, 0, Outcome::overloaded, started);
  for (int i = 0; i < 10; ++i) answer(*member, 20000ms);
  EXPECT_EQ(window(*member), 8U);
}

TEST(EndpointPool, RestsAnEndpointThatCannotBeReachedAndProbesItWithOneCall) {
  PoolOf pool(2, 8);
  const auto member = pool.member();
  fail_to_reach(*member, 0);
  EXPECT_THAT(start_all(*member), ElementsAre(1, 1, 1, 1, 1, 1, 1, 1));
  for (int i = 0; i < 8; ++i) end(*member, 1, Outcome::answered);
  EXPECT_FALSE(member->has_other(1, Clock::now()));
  EXPECT_TRUE(member->has_other(0, Clock::now()));
  // The rest is over: a single call sees whether it is back.
  const auto later = Clock::now() + 1500ms;
  EXPECT_EQ(member->try_start(later, 0), 0U);
  EXPECT_EQ(member->try_start(later, 0), 1U);
  EXPECT_EQ(member->try_start(later, 0), 1U);
  end(*member, 0, Outcome::answered);
  EXPECT_EQ(member->try_start(later, 0), 0U);
}

TEST(EndpointPool, RestsLongerEachTimeUpToABound) {
  PoolOf pool(2, 2);
  const auto member = pool.member();
  fail_to_reach(*member, 0);
  auto before = std::chrono::milliseconds(1000);
  for (int i = 0; i < 8; ++i) {
    const auto now = Clock::now();
    const auto due = member->next_available(now);
    EXPECT_GT(due - now, before - 500ms);
    EXPECT_LE(due - now, before);
    fail_to_reach(*member, 0, due);
    before = std::min<std::chrono::milliseconds>(2 * before, 60000ms);
  }
}

TEST(EndpointPool, TriesARestingEndpointWhereNoneIsWell) {
  PoolOf pool(1, 8);
  const auto member = pool.member();
  EXPECT_TRUE(member->any_well());
  fail_to_reach(*member, 0);
  EXPECT_FALSE(member->any_well());
  EXPECT_THAT(start_all(*member), ElementsAre(0));  // one at a time
  EXPECT_EQ(member->next_available(Clock::now()), Clock::time_point::max());
  end(*member, 0, Outcome::answered);
  EXPECT_TRUE(member->any_well());
}

TEST(EndpointPool, LearnsNothingFromAPlaceThatWasNotUsed) {
  PoolOf pool(1, 8);
  const auto member = pool.member();
  fail_to_reach(*member, 0);
  EXPECT_THAT(start_all(*member), ElementsAre(0));
  end(*member, 0, Outcome::not_made);
  EXPECT_FALSE(member->any_well());
  EXPECT_THAT(start_all(*member), ElementsAre(0));
}

TEST(EndpointPool, RestsAnEndpointAfterManyFailuresInARow) {
  PoolOf pool(1, 8);
  const auto member = pool.member();
  const auto fail = [&] {
    ASSERT_EQ(member->try_start(Clock::now(), 0), 0U);
    end(*member, 0, Outcome::failed);
  };
  for (int i = 0; i < 7; ++i) fail();
  answer(*member, 1ms);
  for (int i = 0; i < 7; ++i) fail();
  EXPECT_TRUE(member->any_well());
  fail();
  EXPECT_FALSE(member->any_well());
}

TEST(EndpointPool, SharesPlacesBetweenReads) {
  PoolOf pool(1, 8);
  const auto first = pool.member();
  EXPECT_EQ(start_all(*first).size(), 8U);
  auto second = pool.member();
  EXPECT_EQ(start_all(*second).size(), 0U);
  for (int i = 0; i < 6; ++i) end(*first, 0, Outcome::answered);
  EXPECT_EQ(start_all(*second).size(), 4U);
  EXPECT_EQ(start_all(*first).size(), 2U);
  // A read that ends gives back its places, and its share.
  second.reset();
  EXPECT_EQ(start_all(*first).size(), 4U);
}

TEST(EndpointPool, GivesEachReadAPlaceHoweverManyThereAre) {
  PoolOf pool(1, 2);
  std::vector<std::unique_ptr<Member>> members;
  for (int i = 0; i < 5; ++i) members.push_back(pool.member());
  EXPECT_EQ(start_all(*members[0]).size(), 1U);
  EXPECT_EQ(start_all(*members[4]).size(), 1U);
  EXPECT_EQ(start_all(*members[2]).size(), 0U);
  end(*members[4], 0, Outcome::answered);
  EXPECT_EQ(start_all(*members[2]).size(), 1U);
}

TEST(EndpointPool, PausesWhenItIsAskedToWaitTwiceInARow) {
  PoolOf pool(1, 8);
  const auto member = pool.member();
  const auto overload = [&] {
    ASSERT_EQ(member->try_start(Clock::now(), 0), 0U);
    end(*member, 0, Outcome::overloaded, Clock::now(), 5000ms);
  };
  overload();
  answer(*member, 1ms);
  overload();
  EXPECT_EQ(member->next_available(Clock::now()), Clock::time_point::max());  // nothing to wait for
  overload();
  const auto now = Clock::now();
  EXPECT_EQ(member->try_start(now, 0), std::nullopt);
  EXPECT_FALSE(member->has_other(1, now));
  EXPECT_GT(member->next_available(now) - now, 4000ms);
  EXPECT_LE(member->next_available(now) - now, 5000ms);
  EXPECT_TRUE(member->any_well());  // busy is not broken
  EXPECT_EQ(member->try_start(now + 5001ms, 0), 0U);
}

TEST(EndpointPool, GivesUpAnEndpointForOneReadOnly) {
  PoolOf pool(2, 4);
  const auto member = pool.member();
  member->give_up(0, {ErrorKind::unavailable, "HTTP 401"});
  EXPECT_EQ(member->hopeless(), nullptr);
  EXPECT_THAT(start_all(*member), ElementsAre(1, 1, 1, 1));
  for (int i = 0; i < 4; ++i) end(*member, 1, Outcome::refused);
  member->give_up(1, {ErrorKind::unavailable, "HTTP 404"});
  ASSERT_NE(member->hopeless(), nullptr);
  EXPECT_EQ(member->hopeless()->message, "HTTP 401");
  EXPECT_FALSE(member->any_well());
  EXPECT_THAT(start_all(*member), testing::IsEmpty());
  const auto next = pool.member();
  EXPECT_EQ(next->hopeless(), nullptr);
  EXPECT_EQ(start_all(*next).size(), 2U);
}

TEST(EndpointPool, KnowsTheTypicalLatencyOfWhatWasAnswered) {
  PoolOf pool(1, 4);
  const auto member = pool.member();
  EXPECT_FALSE((*pool).typical_latency().has_value());
  member->try_start(Clock::now(), 0);
  end(*member, 0, Outcome::failed, Clock::now() - 9000ms);
  EXPECT_FALSE((*pool).typical_latency().has_value());
  for (int i = 0; i < 3; ++i) answer(*member, 1000ms);
  ASSERT_TRUE((*pool).typical_latency().has_value());
  EXPECT_NEAR((*pool).typical_latency()->count(), 1.0, 0.5);
}

TEST(EndpointPool, KeepsItsBoundsBetweenThreads) {
  PoolOf pool(2, 5);
  std::atomic<int> in_flight = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const auto member = pool.member();
      for (int i = 0; i < 300; ++i) {
        const auto endpoint = member->try_start(Clock::now() + 3600s, 0);
        if (!endpoint) continue;
        const int now = ++in_flight;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        --in_flight;
        constexpr Outcome kinds[] = {Outcome::answered, Outcome::overloaded, Outcome::failed,
                                     Outcome::unreachable};
        end(*member, *endpoint, kinds[(i + t) % 4]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 5);
  const auto member = pool.member();
  EXPECT_LE(start_all(*member, Clock::now() + 3600s).size(), 5U);
}

}  // namespace
}  // namespace callslip
