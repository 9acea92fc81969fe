// Logins: who signed in on the page, by the value of a cookie. In memory: a restart signs everybody
// out. A login ends with what it was made by: the gate asks for that again each time.
//
// Any thread. Bounded: the oldest login goes when there are too many.
#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "plugin/access/principal.h"

namespace callslip {

class Logins {
 public:
  using Time = std::chrono::system_clock::time_point;
  static constexpr std::chrono::hours kLifetime{12};

  /// The cookie's value, for kLifetime or until the principal's credential expires.
  std::string begin(Principal principal, Time now);

  std::optional<Principal> find(std::string_view value, Time now);

  void end(std::string_view value);

 private:
  struct Login {
    Principal principal;
    Time expires;
  };

  std::mutex mutex_;
  // Guarded by mutex_. By the hash of the value: how long looking takes tells nothing of it.
  std::unordered_map<std::string, Login> logins_;
  std::deque<std::string> oldest_first_;  // keys; of ended logins, too
};

}  // namespace callslip
