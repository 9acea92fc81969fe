// EndpointPool: where the next call to a model goes, and how many may be under way, over all reads
// of a client together.
//
// Each endpoint has a window of calls in flight, as TCP has one of bytes: it starts at the bound
// that the user gave, is halved when the endpoint says that it is overloaded, and grows back while
// latency holds (additive increase, multiplicative decrease: Chiu and Jain, 1989). An endpoint that
// fails rests, and is then probed by one call. Reads share the bound evenly.
//
// Self-synchronised: any thread. Each read takes part through a Member of its own, which must end
// before the multi handle that it wakes does.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "index/result.h"
#include "tools/endpoint.h"

namespace callslip {

class EndpointPool {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    std::size_t concurrency = 8;  // calls in flight, all endpoints together
    std::chrono::milliseconds first_rest{1000};
    std::chrono::milliseconds longest_rest{60000};
  };

  /// How a call ended, as far as it tells something of its endpoint.
  enum class Outcome {
    answered,
    refused,      // the endpoint works, and does not want this call
    overloaded,   // 429, 503 and the like
    failed,       // no reply, or none that makes sense
    unreachable,  // no connection came about
    not_made,     // the place was not used
  };

  EndpointPool(std::vector<Endpoint> endpoints, const Options& options);

  std::size_t size() const { return endpoints_.size(); }
  const Endpoint& at(std::size_t endpoint) const { return endpoints_[endpoint]; }

  /// Of the calls answered lately; nothing before the first.
  std::optional<std::chrono::duration<double>> typical_latency() const;

  class Member {
   public:
    /// The endpoints at which a request failed: bit i modulo 64 for endpoint i.
    using Failed = std::uint64_t;
    static Failed bit(std::size_t endpoint) { return Failed{1} << (endpoint % 64); }

    /// `multi` is woken when a call of another read has ended.
    Member(EndpointPool& pool, CURLM* multi);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    /// Takes a place for a call at the endpoint that is least loaded; at one of `failed` only where
    /// there is no other that is well, be it full now. Nothing when no call may start now.
    std::optional<std::size_t> try_start(Clock::time_point now, Failed failed);
    /// Gives the place back. `retry_after`: what the endpoint asked for, or 0.
    void ended(std::size_t endpoint, Outcome outcome, Clock::time_point started,
               std::chrono::milliseconds retry_after);

    /// When try_start may succeed again; time_point::max() when that takes a call to end.
    Clock::time_point next_available(Clock::time_point now) const;

    /// No calls of this read any more: `why` is the error that each would get. The next read tries.
    void give_up(std::size_t endpoint, Error why);
    /// Why no call of this read can be answered any more; null while one endpoint is left.
    const Error* hopeless() const;
    bool has_other(std::size_t endpoint, Clock::time_point now) const;
    /// Whether an endpoint of this read's is known of no failure.
    bool any_well() const;

   private:
    friend class EndpointPool;
    EndpointPool& pool_;
    CURLM* const multi_;
    std::size_t taken_ = 0;                       // guarded by pool_.mutex_
    std::vector<std::size_t> taken_at_;           // by endpoint; guarded by pool_.mutex_
    std::vector<std::optional<Error>> given_up_;  // by endpoint; of this read's thread
  };

 private:
  struct State {
    std::size_t in_flight = 0;
    double window = 1;
    double old_window = 0;  // before it was last halved
    Clock::time_point halved{};
    Clock::time_point paused_until{};
    bool limited = false;               // by its last reply
    std::size_t failures = 0;           // in a row
    std::chrono::milliseconds rest{0};  // 0: it is well
    double recent_s = 0;                // latency, mostly of the last calls
    double usual_s = 0;                 // of many calls

    bool rests() const { return rest.count() > 0; }
  };

  std::optional<std::size_t> pick(Clock::time_point now, const Member& member,
                                  Member::Failed failed) const;
  void account(State& state, Outcome outcome, Clock::time_point started, Clock::time_point now,
               std::chrono::milliseconds retry_after);
  void grow(State& state, double seconds);
  void wake_others(const Member* but);

  const std::vector<Endpoint> endpoints_;
  const Options options_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<State> states_;
  std::size_t in_flight_ = 0;
  std::vector<Member*> members_;
};

}  // namespace callslip
