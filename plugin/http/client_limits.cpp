#include "plugin/http/client_limits.h"

#include <algorithm>
#include <utility>

namespace callslip::port {
namespace {

template <class Function>
class Finally {
 public:
  explicit Finally(Function function) : function_(std::move(function)) {}
  Finally(const Finally&) = delete;
  Finally& operator=(const Finally&) = delete;
  ~Finally() { function_(); }

 private:
  const Function function_;
};

/// Runs at the end of a shared_ptr's life.
template <class Function>
std::shared_ptr<void> at_the_end(Function function) {
  return std::make_shared<Finally<Function>>(std::move(function));
}

}  // namespace

ClientLimits::ClientLimits(const PortOptions& options)
    : max_connections_(options.max_connections),
      max_per_address_(options.max_connections_per_address),
      max_in_flight_(options.max_requests_in_flight),
      rate_(options.max_requests_per_second),
      burst_(std::max(1.0, 2 * options.max_requests_per_second)) {}

std::string ClientLimits::key_of_address(const boost::asio::ip::address& address) {
  namespace ip = boost::asio::ip;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return key_of_address(ip::make_address_v4(ip::v4_mapped, address.to_v6()));
  }
  if (address.is_v4()) {
    return address.to_v4() == ip::address_v4::loopback() ? "" : address.to_string();
  }
  if (address.is_loopback()) return "";
  ip::address_v6::bytes_type bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return ip::address_v6(bytes).to_string() + "/64";
}

Room ClientLimits::room(const std::string& key) const {
  if (!key.empty()) {
    const auto found = clients_.find(key);
    if (found != clients_.end() && found->second.connections >= max_per_address_) {
      return Room::address_full;
    }
  }
  return connections_ >= max_connections_ ? Room::full : Room::free;
}

std::shared_ptr<void> ClientLimits::enter(const std::string& key) {
  ++connections_;
  if (!key.empty()) ++client(key, Clock::now()).connections;
  return at_the_end([this, key] {
    --connections_;
    const auto found = clients_.find(key);
    if (found != clients_.end()) --found->second.connections;
  });
}

std::chrono::milliseconds ClientLimits::wait(const std::string& key, Clock::time_point now) const {
  const auto found = clients_.find(key);
  if (key.empty() || rate_ <= 0 || found == clients_.end()) return {};
  return time_for(1 - tokens_of(found->second, now));
}

std::chrono::milliseconds ClientLimits::take_request(const std::string& key,
                                                     Clock::time_point now) {
  const std::chrono::milliseconds waiting = wait(key, now);
  if (waiting.count() == 0) owe_request(key, now);
  return waiting;
}

std::chrono::milliseconds ClientLimits::owe_request(const std::string& key, Clock::time_point now) {
  if (key.empty() || rate_ <= 0) return {};
  Client& taker = client(key, now);
  taker.tokens -= 1;
  return time_for(-taker.tokens);
}

/// Until so many tokens have come; zero where none is missing.
std::chrono::milliseconds ClientLimits::time_for(double tokens) const {
  if (tokens <= 0) return {};
  return std::chrono::milliseconds(1 + static_cast<long>(tokens / rate_ * 1000));
}

std::chrono::milliseconds ClientLimits::longest_debt() const {
  return std::chrono::milliseconds(static_cast<long>(rate_ > 0 ? burst_ / rate_ * 1000 : 0));
}

bool ClientLimits::owes(const std::string& key, Clock::time_point now) const {
  if (key.empty() || rate_ <= 0) return false;
  const auto found = clients_.find(key);
  return found != clients_.end() && tokens_of(found->second, now) < 0;
}

std::shared_ptr<void> ClientLimits::take_flight(const std::string& key) {
  if (key.empty()) return at_the_end([] {});
  Client& taker = client(key, Clock::now());
  if (taker.in_flight >= max_in_flight_) return nullptr;
  ++taker.in_flight;
  return at_the_end([this, key] {
    const auto found = clients_.find(key);
    if (found != clients_.end()) --found->second.in_flight;
  });
}

double ClientLimits::tokens_of(const Client& client, Clock::time_point now) const {
  const double seconds = std::chrono::duration<double>(now - client.filled).count();
  return std::min(burst_, client.tokens + std::max(0.0, seconds) * rate_);
}

ClientLimits::Client& ClientLimits::client(const std::string& key, Clock::time_point now) {
  if (clients_.size() >= next_sweep_) forget_resting(now);
  const auto [entry, added] = clients_.try_emplace(key);
  Client& found = entry->second;
  found.tokens = added ? burst_ : tokens_of(found, now);
  found.filled = now;
  return found;
}

void ClientLimits::forget_resting(Clock::time_point now) {
  for (auto entry = clients_.begin(); entry != clients_.end();) {
    const Client& one = entry->second;
    const bool rests = one.connections == 0 && one.in_flight == 0 && tokens_of(one, now) >= burst_;
    entry = rests ? clients_.erase(entry) : std::next(entry);
  }
  next_sweep_ = std::max<std::size_t>(1024, 2 * clients_.size());
}

}  // namespace callslip::port
