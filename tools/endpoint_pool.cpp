#include "tools/endpoint_pool.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace callslip {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kFailuresToRest = 8;  // in a row; one call may fail for its own sake
constexpr double kLatencyHolds = 1.5;       // recent over usual
constexpr double kRecent = 0.2;             // share of the last call in the moving averages
constexpr double kUsual = 0.02;

}  // namespace

EndpointPool::EndpointPool(std::vector<Endpoint> endpoints, const Options& options)
    : endpoints_(std::move(endpoints)), options_(options), states_(endpoints_.size()) {
  for (State& state : states_) state.window = static_cast<double>(options_.concurrency);
}

std::optional<std::chrono::duration<double>> EndpointPool::typical_latency() const {
  const std::lock_guard lock(mutex_);
  double sum = 0;
  std::size_t count = 0;
  for (const State& state : states_) {
    if (state.usual_s <= 0) continue;
    sum += state.usual_s;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return std::chrono::duration<double>(sum / static_cast<double>(count));
}

std::optional<std::size_t> EndpointPool::pick(Clock::time_point now, const Member& member,
                                              Member::Failed failed) const {
  // Best first: a probe that is due, the well ones by load, and where none is well, a resting one.
  using Rank = std::tuple<bool, int, double>;
  std::optional<std::size_t> best;
  Rank best_rank;
  bool untried_is_full = false;
  const bool any_well = std::any_of(states_.begin(), states_.end(), [&](const State& state) {
    const auto i = static_cast<std::size_t>(&state - states_.data());
    return !state.rests() && !member.given_up_[i];
  });
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const State& state = states_[i];
    if (member.given_up_[i]) continue;
    int order = 1;
    if (state.rests()) {
      const bool due = state.paused_until <= now;
      if (state.in_flight > 0 || (!due && any_well)) continue;
      order = due ? 0 : 2;
    } else if (state.paused_until > now) {
      continue;
    } else if (static_cast<double>(state.in_flight) + 1 > state.window) {
      untried_is_full = untried_is_full || (failed & Member::bit(i)) == 0;
      continue;
    }
    const Rank rank((failed & Member::bit(i)) != 0, order,
                    static_cast<double>(state.in_flight) / state.window);
    if (!best || rank < best_rank) {
      best = i;
      best_rank = rank;
    }
  }
  // A place there is worth the wait: where it failed, it would mostly fail again.
  const bool tried = best && (failed & Member::bit(*best)) != 0;
  return tried && untried_is_full ? std::nullopt : best;
}

void EndpointPool::account(State& state, Outcome outcome, Clock::time_point started,
                           Clock::time_point now, milliseconds retry_after) {
  const bool works =
      outcome == Outcome::answered || outcome == Outcome::refused || outcome == Outcome::overloaded;
  if (works) {
    state.failures = 0;
    if (state.rests()) {
      state.rest = milliseconds(0);
      state.paused_until = now;
    }
  }
  switch (outcome) {
    case Outcome::answered:
      state.limited = false;
      grow(state, std::chrono::duration<double>(now - started).count());
      return;
    case Outcome::refused:
      state.limited = false;
      return;
    case Outcome::not_made:
      return;
    case Outcome::overloaded:
      // One call was asked to wait: that may be chance. All wait when it is asked again at once.
      if (std::exchange(state.limited, true) && retry_after.count() > 0) {
        state.paused_until = std::max(state.paused_until, now + retry_after);
      }
      break;
    case Outcome::failed:
    case Outcome::unreachable:
      ++state.failures;
      if (outcome == Outcome::unreachable || state.failures >= kFailuresToRest) {
        state.rest =
            state.rests() ? std::min(2 * state.rest, options_.longest_rest) : options_.first_rest;
        state.paused_until = now + state.rest;
      }
      break;
  }
  // The calls that were under way then say nothing of the window since.
  if (outcome == Outcome::unreachable || started < state.halved) return;
  state.old_window = state.window;
  state.window = std::max(1.0, state.window / 2);
  state.halved = now;
}

void EndpointPool::grow(State& state, double seconds) {
  const bool first = state.usual_s <= 0;
  state.recent_s = first ? seconds : state.recent_s + kRecent * (seconds - state.recent_s);
  state.usual_s = first ? seconds : state.usual_s + kUsual * (seconds - state.usual_s);
  const auto most = static_cast<double>(options_.concurrency);
  if (state.window >= most || state.recent_s > kLatencyHolds * state.usual_s) return;
  // Fast up to near where it was too much, slow from there on.
  const bool known_good = state.window < 0.75 * state.old_window;
  state.window = std::min(most, state.window + (known_good ? 1 : 1 / state.window));
}

void EndpointPool::wake_others(const Member* but) {
  for (const Member* member : members_) {
    if (member != but) curl_multi_wakeup(member->multi_);
  }
}

EndpointPool::Member::Member(EndpointPool& pool, CURLM* multi)
    : pool_(pool), multi_(multi), taken_at_(pool.size()), given_up_(pool.size()) {
  const std::lock_guard lock(pool_.mutex_);
  pool_.members_.push_back(this);
}

EndpointPool::Member::~Member() {
  const std::lock_guard lock(pool_.mutex_);
  pool_.in_flight_ -= taken_;
  for (std::size_t i = 0; i < taken_at_.size(); ++i) pool_.states_[i].in_flight -= taken_at_[i];
  std::erase(pool_.members_, this);
  pool_.wake_others(this);
}

std::optional<std::size_t> EndpointPool::Member::try_start(Clock::time_point now, Failed failed) {
  const std::lock_guard lock(pool_.mutex_);
  // Without shares a long read would hold every place against a short one that came later.
  const std::size_t share =
      std::max<std::size_t>(1, pool_.options_.concurrency / pool_.members_.size());
  if (pool_.in_flight_ >= pool_.options_.concurrency || taken_ >= share) return std::nullopt;
  const std::optional<std::size_t> endpoint = pool_.pick(now, *this, failed);
  if (!endpoint) return std::nullopt;
  ++pool_.in_flight_;
  ++pool_.states_[*endpoint].in_flight;
  ++taken_;
  ++taken_at_[*endpoint];
  return endpoint;
}

void EndpointPool::Member::ended(std::size_t endpoint, Outcome outcome, Clock::time_point started,
                                 milliseconds retry_after) {
  const std::lock_guard lock(pool_.mutex_);
  --pool_.in_flight_;
  --pool_.states_[endpoint].in_flight;
  --taken_;
  --taken_at_[endpoint];
  pool_.account(pool_.states_[endpoint], outcome, started, Clock::now(), retry_after);
  pool_.wake_others(this);
}

EndpointPool::Clock::time_point EndpointPool::Member::next_available(Clock::time_point now) const {
  const std::lock_guard lock(pool_.mutex_);
  auto soonest = Clock::time_point::max();
  for (std::size_t i = 0; i < pool_.states_.size(); ++i) {
    const State& state = pool_.states_[i];
    if (given_up_[i] || (state.rests() && state.in_flight > 0)) continue;
    if (state.paused_until > now) soonest = std::min(soonest, state.paused_until);
  }
  return soonest;
}

void EndpointPool::Member::give_up(std::size_t endpoint, Error why) {
  given_up_[endpoint] = std::move(why);
}

const Error* EndpointPool::Member::hopeless() const {
  const bool all = std::all_of(given_up_.begin(), given_up_.end(),
                               [](const std::optional<Error>& why) { return why.has_value(); });
  return all && !given_up_.empty() ? &*given_up_.front() : nullptr;
}

bool EndpointPool::Member::has_other(std::size_t endpoint, Clock::time_point now) const {
  const std::lock_guard lock(pool_.mutex_);
  for (std::size_t i = 0; i < pool_.states_.size(); ++i) {
    const State& state = pool_.states_[i];
    if (i != endpoint && !given_up_[i] && !state.rests() && state.paused_until <= now) return true;
  }
  return false;
}

bool EndpointPool::Member::any_well() const {
  const std::lock_guard lock(pool_.mutex_);
  for (std::size_t i = 0; i < pool_.states_.size(); ++i) {
    if (!given_up_[i] && !pool_.states_[i].rests()) return true;
  }
  return false;
}

}  // namespace callslip
