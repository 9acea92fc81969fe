// TokenStore: who the tokens of some token files are. Follows changes of the files: a token that is
// taken out is refused from the next request on.
//
// Any thread. Asking costs one stat a file, and a read after a change: the files are small and
// local. A file that cannot be used any more (gone, readable by others, a line that is wrong) lets
// nobody in until it can be; `on_trouble` hears of it once.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/result.h"
#include "plugin/access/token_file.h"

namespace callslip {

class TokenStore {
 public:
  using OnTrouble = std::function<void(const std::string& message)>;

  explicit TokenStore(const std::vector<std::string>& paths, OnTrouble on_trouble = {});

  /// Reads every file; the first that cannot be used is the error.
  Status load();

  /// The record of a token, also where it has expired.
  std::optional<TokenRecord> find(std::string_view token) { return find_hash(hash_of(token)); }
  /// The same by its hash, TokenRecord::sha256.
  std::optional<TokenRecord> find_hash(std::string_view sha256);

  static std::string hash_of(std::string_view token);

 private:
  /// Tells apart contents and modes of a file: a change of either changes it.
  struct Stamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t mtime_ns = 0;
    std::int64_t ctime_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct File {
    std::string path;
    Stamp stamp;
    bool settled = false;  // the stamp was old enough when it was read to tell of every change
    std::string trouble;   // empty: none
    std::vector<TokenRecord> records;
  };

  static Stamp stamp_of(const std::string& path);
  void refresh(File& file);

  const OnTrouble on_trouble_;
  std::mutex mutex_;
  std::vector<File> files_;  // guarded by mutex_
};

}  // namespace callslip
