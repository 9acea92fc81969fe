// KeySource: the keys of an authorization server, fetched by a thread of its own and kept fresh.
//
// The server's metadata (RFC 8414, else OpenID Connect's) names its keys. They are fetched at the
// start, every quarter of an hour, when a token names a key that is not among them (at most every
// 30 seconds, or anybody could have us call), and again and again while the server does not answer.
// Keys that were fetched stay until others are.
//
// Any thread may ask; asking never blocks. Destruction ends the thread, within a fetch's time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "index/result.h"
#include "plugin/access/key_set.h"

namespace callslip {

struct KeySourceOptions {
  std::string issuer;  // URL
  std::chrono::milliseconds fetch_timeout{5000};
  std::chrono::milliseconds every{std::chrono::minutes(15)};
  std::chrono::milliseconds least_between{std::chrono::seconds(30)};  // for unknown keys
  std::chrono::milliseconds first_retry{1000};                        // doubled up to a minute
};

class KeySource {
 public:
  using OnTrouble = std::function<void(const std::string& message)>;

  explicit KeySource(KeySourceOptions options, OnTrouble on_trouble = {});
  ~KeySource();
  KeySource(const KeySource&) = delete;
  KeySource& operator=(const KeySource&) = delete;

  /// https, or http on this machine.
  static Status check_issuer(const std::string& issuer);

  /// Waits until keys are there; the last failure otherwise.
  Status wait_for_keys(std::chrono::milliseconds at_most);

  struct Keys {
    std::shared_ptr<const KeySet> set;  // null: none were fetched yet
    std::uint64_t generation = 0;       // counts sets that differ
  };
  Keys keys() const;

  /// For a token of a key that is not there: fetches if it is time to. Whether a fetch is under
  /// way: until it is done nobody can say whether the key exists.
  bool look_for_new_keys();

 private:
  using Clock = std::chrono::steady_clock;

  void run(const std::stop_token& stop);
  Result<std::string> fetch(const std::stop_token& stop);
  Result<std::string> find_keys_url(const std::stop_token& stop);
  Status take(const Result<std::string>& jwks);

  const KeySourceOptions options_;
  const OnTrouble on_trouble_;
  std::string keys_url_;  // of the thread; empty: not known yet
  std::string jwks_;      // of the thread; what keys_ are of

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_.
  Keys keys_;
  Error trouble_{ErrorKind::unavailable, ""};
  bool wanted_ = true;  // a fetch is wanted or under way
  Clock::time_point fetched_{};

  std::jthread thread_;  // the last: it uses the others
};

}  // namespace callslip
