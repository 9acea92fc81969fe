// DailyCalls: the bound on a reader's calls per UTC day, over all processes on an index.
//
// The day and its calls stand in DIRECTORY/daily_calls, one line of text that each take rewrites
// under a lock of the file: a killed process loses none of its calls. Where the file cannot be
// used, or its lock is not given up, calls are counted in this process alone; status() says so. A
// day that is not the file's begins at 0. Any thread may call.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "index/files/file_descriptor.h"
#include "index/result.h"

namespace callslip {

class DailyCalls {
 public:
  using Now = std::function<std::chrono::system_clock::time_point()>;

  /// At most `max_calls` a day. Makes no file yet.
  DailyCalls(const std::string& directory, std::uint64_t max_calls,
             Now now = std::chrono::system_clock::now);

  /// Takes calls of today's, as many as there are: the number taken, at most `wanted`.
  std::uint64_t take(std::uint64_t wanted = 1);

  /// What was taken today and not called after all.
  void give_back(std::uint64_t calls);

  std::uint64_t calls_today();
  std::uint64_t max_calls() const { return max_calls_; }

  /// Why the calls of other processes do not count; for the log, once.
  Status status();

 private:
  struct Count {
    std::int64_t day = 0;  // since 1970
    std::uint64_t calls = 0;
  };
  using Change = std::function<std::uint64_t(std::uint64_t calls)>;

  std::uint64_t change(const Change& change, bool write);
  bool open(bool create);
  bool lock();
  std::optional<Count> read() const;
  bool write(const Count& count) const;
  void fail(const std::string& why);
  std::int64_t today() const;

  const std::string path_;
  const std::uint64_t max_calls_;
  const Now now_;
  std::mutex mutex_;
  // Guarded by mutex_.
  FileDescriptor file_;
  Count own_;               // what this process knows
  bool unwritten_ = false;  // the file holds fewer
  std::chrono::steady_clock::time_point no_lock_until_{};
  std::optional<Error> error_;
};

}  // namespace callslip
