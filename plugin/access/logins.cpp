#include "plugin/access/logins.h"

#include <algorithm>
#include <utility>

#include "plugin/access/secrets.h"

namespace callslip {
namespace {

constexpr std::size_t kMost = 4096;

}  // namespace

std::string Logins::begin(Principal principal, Time now) {
  std::string value = random_secret(32);
  const Time expires = std::min(principal.expires, now + kLifetime);
  const std::lock_guard lock(mutex_);
  while (!oldest_first_.empty()) {
    const auto oldest = logins_.find(oldest_first_.front());
    const bool gone = oldest == logins_.end();
    if (!gone && oldest->second.expires > now && oldest_first_.size() < kMost) break;
    if (!gone) logins_.erase(oldest);
    oldest_first_.pop_front();
  }
  std::string key = sha256_hex(value);
  oldest_first_.push_back(key);
  logins_.emplace(std::move(key), Login{std::move(principal), expires});
  return value;
}

std::optional<Principal> Logins::find(std::string_view value, Time now) {
  const std::lock_guard lock(mutex_);
  const auto login = logins_.find(sha256_hex(value));
  if (login == logins_.end() || login->second.expires <= now) return std::nullopt;
  Principal principal = login->second.principal;
  principal.expires = login->second.expires;
  return principal;
}

void Logins::end(std::string_view value) {
  const std::lock_guard lock(mutex_);
  logins_.erase(sha256_hex(value));
}

}  // namespace callslip
