// ModelEndpoints: where calls to a model can go, and where the next one should.
//
// Endpoint is immutable. ModelEndpoints is the state of one run of the client and belongs to the
// thread of that run: an endpoint that was mended is tried again by the next run.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "index/result.h"

namespace callslip {

struct Endpoint {
  std::string url;        // .../chat/completions
  std::string label;      // "HOST:PORT", for messages: no user, no password
  bool loopback = false;  // then no proxy is asked
};

/// From a base such as http://HOST:PORT/v1. ErrorKind::invalid_argument says what is wrong with it.
Result<Endpoint> parse_endpoint(const std::string& url);

class ModelEndpoints {
 public:
  using Clock = std::chrono::steady_clock;

  explicit ModelEndpoints(std::size_t count) : states_(count) {}

  /// The ones at which a request failed: bit i modulo 64 for endpoint i.
  using Failed = std::uint64_t;
  static Failed bit(std::size_t endpoint) { return Failed{1} << (endpoint % 64); }

  /// The least loaded one that may be called now; one of `failed` only where there is no other.
  std::optional<std::size_t> pick(Clock::time_point now, Failed failed) const;

  /// When pick may find one again; time_point::max() when that takes a call to end.
  Clock::time_point next_available(Clock::time_point now) const;

  void started(std::size_t endpoint) { ++states_[endpoint].in_flight; }
  void ended(std::size_t endpoint) { --states_[endpoint].in_flight; }
  void answered(std::size_t endpoint);
  /// It asked one call to wait (Retry-After). Asked twice in a row, all calls wait.
  void limited(std::size_t endpoint, Clock::time_point until);
  /// No calls until then: it cannot be reached.
  void pause(std::size_t endpoint, Clock::time_point until);
  /// No calls in this run any more: `why` is the error that every further call would get.
  void give_up(std::size_t endpoint, Error why);

  /// Why no call can be answered any more; nothing while one endpoint is left.
  const Error* hopeless() const;
  bool has_other(std::size_t endpoint, Clock::time_point now) const;

 private:
  struct State {
    std::size_t in_flight = 0;
    Clock::time_point paused_until{};
    bool limited = false;  // by its last reply
    bool dead = false;
    Error why;
  };
  std::vector<State> states_;
};

}  // namespace callslip
