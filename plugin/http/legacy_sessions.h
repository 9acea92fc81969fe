// LegacySessions: the sessions of legacy clients over HTTP, by the id that initialize gave them.
//
// Any thread may call. A session belongs to who opened it: for anyone else, and for the same one
// with other rights, it does not exist. Their number is bounded: the one that idled longest makes
// room, one of the same owner if there is one.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "plugin/access/principal.h"
#include "plugin/http/session_stream.h"
#include "plugin/mcp/session.h"

namespace callslip {

class LegacySessions {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    std::size_t max_sessions = 10'000;
    std::chrono::seconds idle = std::chrono::hours(24);  // without a request
  };
  struct Entry {
    std::string id;
    std::shared_ptr<McpSession> session;
    std::shared_ptr<SessionStream> stream;
  };

  explicit LegacySessions(Options options) : options_(options) {}

  /// Nothing: there are too many, and all are busy.
  std::optional<Entry> open(const Principal& principal, Clock::time_point now = Clock::now());
  /// It counts as used. Nothing: there is no such session.
  std::optional<Entry> find(const std::string& id, const Principal& principal,
                            Clock::time_point now = Clock::now());
  /// False: there is no such session.
  bool close(const std::string& id, const Principal& principal);
  void close_all();
  /// Ends every stream; the sessions stay, with the calls in them.
  void close_streams();
  /// Closes those that idled for too long.
  void sweep(Clock::time_point now = Clock::now());
  std::size_t size() const;

 private:
  struct Kept {
    Entry entry;
    Clock::time_point used;
  };
  using Sessions = std::map<std::string, Kept, std::less<>>;

  Sessions::iterator longest_idle(const Principal& principal);

  const Options options_;
  mutable std::mutex mutex_;
  Sessions sessions_;  // guarded by mutex_
};

}  // namespace callslip
