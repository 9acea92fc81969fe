#include "tools/daily_calls.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <thread>
#include <utility>

#include "index/files/atomic_file.h"

namespace callslip {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::size_t line_bytes = 32;  // "2025-11-21 00000000000000000017\n"
// Others hold the lock for microseconds, unless they were stopped while they did.
constexpr int lock_attempts = 100;
constexpr std::chrono::milliseconds lock_wait{1};
constexpr std::chrono::seconds lock_pause{5};

}  // namespace

DailyCalls::DailyCalls(const std::string& directory, std::uint64_t max_calls, Now now)
    : path_(directory + "/daily_calls"), max_calls_(max_calls), now_(std::move(now)) {}

std::uint64_t DailyCalls::take(std::uint64_t wanted) {
  std::uint64_t taken = 0;
  change(
      [&](std::uint64_t calls) {
        taken = calls < max_calls_ ? std::min(wanted, max_calls_ - calls) : 0;
        return calls + taken;
      },
      true);
  return taken;
}

void DailyCalls::give_back(std::uint64_t calls) {
  change([calls](std::uint64_t all) { return all - std::min(all, calls); }, true);
}

std::uint64_t DailyCalls::calls_today() {
  return change([](std::uint64_t calls) { return calls; }, false);
}

Status DailyCalls::status() {
  const std::lock_guard lock(mutex_);
  return error_ ? Status(*error_) : Status();
}

/// The calls of today before the change, which is made to the file's count or else to our own.
std::uint64_t DailyCalls::change(const Change& change, bool write) {
  const std::lock_guard guard(mutex_);
  const std::int64_t day = today();
  const bool locked = open(write) && lock();
  Count count = own_;
  if (locked) {
    const Count stored = read().value_or(Count{});
    // What could not be written counts nevertheless.
    if (!unwritten_ || own_.day != stored.day || own_.calls < stored.calls) count = stored;
  }
  if (count.day != day) count = {day, 0};
  const std::uint64_t before = count.calls;
  count.calls = change(before);
  if (write && count.calls != before) {
    unwritten_ = !locked || !this->write(count);
    if (locked && unwritten_) fail(describe_errno(errno));
  }
  if (locked) ::flock(file_.get(), LOCK_UN);
  own_ = count;
  return before;
}

bool DailyCalls::open(bool create) {
  struct stat ours {};
  struct stat named {};
  // Who deletes the file starts the day anew, for all processes.
  const bool there = ::stat(path_.c_str(), &named) == 0;
  if (file_ && there && ::fstat(file_.get(), &ours) == 0 && ours.st_ino == named.st_ino &&
      ours.st_dev == named.st_dev) {
    return true;
  }
  if (!create && !there) return false;
  if (!there) {
    std::error_code ignored;  // the open says what is wrong
    std::filesystem::create_directory(std::filesystem::path(path_).parent_path(), ignored);
  }
  file_ = FileDescriptor(::open(path_.c_str(), O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0666));
  if (!file_) fail(describe_errno(errno));
  return static_cast<bool>(file_);
}

bool DailyCalls::lock() {
  if (std::chrono::steady_clock::now() < no_lock_until_) return false;
  for (int attempt = 0; attempt < lock_attempts; ++attempt) {
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) {
      fail(describe_errno(errno));
      return false;
    }
    std::this_thread::sleep_for(lock_wait);
  }
  no_lock_until_ = std::chrono::steady_clock::now() + lock_pause;
  fail("another process does not unlock it");
  return false;
}

/// Nothing where the line is not one of ours.
std::optional<DailyCalls::Count> DailyCalls::read() const {
  std::array<char, line_bytes + 1> line{};
  if (::pread(file_.get(), line.data(), line_bytes, 0) != static_cast<ssize_t>(line_bytes)) {
    return std::nullopt;
  }
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  std::uint64_t calls = 0;
  // NOLINTNEXTLINE(cert-err34-c): what does not fit is another day
  if (std::sscanf(line.data(), "%d-%u-%u %" SCNu64, &year, &month, &day, &calls) != 4) {
    return std::nullopt;
  }
  const year_month_day date{std::chrono::year(year), std::chrono::month(month),
                            std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return Count{sys_days(date).time_since_epoch().count(), calls};
}

bool DailyCalls::write(const Count& count) const {
  const year_month_day date{sys_days(days(count.day))};
  std::array<char, 2 * line_bytes> line{};
  std::snprintf(line.data(), line.size(), "%04d-%02u-%02u %020" PRIu64 "\n",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), count.calls);
  return ::pwrite(file_.get(), line.data(), line_bytes, 0) == static_cast<ssize_t>(line_bytes);
}

void DailyCalls::fail(const std::string& why) {
  if (error_) return;
  error_ = Error{ErrorKind::io, path_ + ": " + why +
                                    "; until that is mended, the bound on calls per day is kept "
                                    "for this process only"};
}

std::int64_t DailyCalls::today() const {
  return std::chrono::floor<days>(now_()).time_since_epoch().count();
}

}  // namespace callslip
