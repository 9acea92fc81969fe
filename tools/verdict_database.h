// VerdictDatabase: the SQLite file under a VerdictCache: rows of a key and a few bytes, bounded.
//
// One connection for one thread at a time; several processes may have the file open. What a
// transaction stored outlives a SIGKILL; a power cut may cost it, or the whole file, which is then
// found to be damaged. Rows live in three generations: new ones go to the young one; when the file
// is full the oldest goes, a few neighbours at a time, and once it is empty it is the young one. So
// no order need be kept, nothing is written where rows are only read, and the newer half is safe.
// Errors: not_found (no file, or nothing in it yet), version and damaged (to be removed), locked,
// io.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "index/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace callslip {

class VerdictDatabase {
 public:
  using Key = std::array<unsigned char, 16>;
  struct Row {
    Key key{};
    std::string value;
  };
  struct Found {
    std::string value;
    bool old = false;  // not of the young ones: stored again, it will not go with its generation
  };
  enum class Mode { existing, create };

  static Result<std::unique_ptr<VerdictDatabase>> open(const std::string& path,
                                                       std::uint64_t max_bytes, Mode mode);
  /// The file and what SQLite keeps beside it.
  static void remove(const std::string& path);
  ~VerdictDatabase();
  VerdictDatabase(const VerdictDatabase&) = delete;
  VerdictDatabase& operator=(const VerdictDatabase&) = delete;

  /// The values under a key: at most one of each generation.
  Result<std::vector<Found>> find(const Key& key);

  /// Whether there is a key from `first` to `last`.
  Result<bool> holds_any(const Key& first, const Key& last);

  /// All in one transaction, or none. Then makes room for what comes next.
  Status store(std::span<const Row> rows);

  /// Whether the path has another file by now, or none.
  bool replaced() const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  VerdictDatabase(std::string path, std::uint64_t max_bytes);
  Status configure(Mode mode);
  Status create_tables();
  Status prepare();
  Status write(std::span<const Row> rows);
  Status make_room(std::size_t stored);
  Status evict();
  Status begin_generation();
  Status read_young();
  Status execute(const char* sql);
  Status run(const Statement& statement);
  Result<std::int64_t> number(const Statement& statement);
  Result<std::int64_t> number(const char* sql);
  Status check(int code) const;

  const std::string path_;
  const std::int64_t wal_pages_;
  const std::int64_t max_pages_;  // of the file alone
  sqlite3* database_ = nullptr;
  std::int64_t generation_ = 0;  // the young one; each is half of the file once that is full
  std::array<Statement, 3> insert_, delete_some_, delete_all_;
  Statement find_, any_, begin_, commit_, rollback_, read_young_, write_young_, page_count_,
      free_count_, shrink_;
};

}  // namespace callslip
