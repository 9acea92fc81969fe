// VerdictCache: what a model has judged, so that no call is paid for twice.
//
// A verdict is found by the reader's identity, the question and the passage's bytes. It is kept in
// DIRECTORY/verdicts.sqlite, which the first store creates and all processes on an index share; a
// store is there for whoever looks next, SIGKILL or not. Bounded in bytes: the verdicts that were
// neither stored nor found for longest go, roughly. Any thread may call.
// A cache fails no read: a damaged file is replaced, and where nothing can be stored (a directory
// that is read-only, a full disk) stores do nothing for a while. Status says so once.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/reader.h"
#include "tools/verdict_database.h"

namespace callslip {

struct VerdictCacheOptions {
  std::string directory;
  std::uint64_t max_bytes = 256U << 20U;  // of all its files
};

class VerdictCache {
 public:
  using Key = VerdictDatabase::Key;
  struct Judged {
    Key key{};
    const Verdict* verdict = nullptr;
  };

  explicit VerdictCache(const VerdictCacheOptions& options);
  VerdictCache(const VerdictCache&) = delete;
  VerdictCache& operator=(const VerdictCache&) = delete;

  /// One question to one reader, for key(). Callers who see different collections share nothing: a
  /// verdict that is there already would tell that others have the same text.
  static std::uint64_t question_hash(std::string_view identity, std::string_view question,
                                     std::uint64_t visibility = 0);
  static Key key(std::uint64_t question_hash, std::string_view text);

  /// The verdict with from_cache set and no rejected quotes. Nothing where there is none, or where
  /// it does not fit the text.
  std::optional<Verdict> find(const Key& key, std::string_view text);

  /// Whether a verdict on this question may be there: asked once, it spares a new question a look
  /// for each passage.
  bool holds_any(std::uint64_t question_hash);

  /// Remembers the verdicts, those that are Kind::failed excepted, in one transaction.
  Status store(std::span<const Judged> judged);

 private:
  using Clock = std::chrono::steady_clock;

  VerdictDatabase* existing();
  Result<VerdictDatabase*> writable();
  Status write();
  Status give_up(const Error& error);

  const std::string path_;
  const std::uint64_t max_bytes_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::unique_ptr<VerdictDatabase> database_;
  std::vector<VerdictDatabase::Row> rows_;  // of the store under way, and found in the old ones
  Clock::time_point no_open_until_{};       // for finding
  Clock::time_point no_store_until_{};
  bool told_ = false;
};

}  // namespace callslip
