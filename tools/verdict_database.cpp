#include "tools/verdict_database.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace callslip {
namespace {

constexpr std::int64_t schema_version = 1;
constexpr std::int64_t table_count = 3;
constexpr std::int64_t page_bytes = 4096;
constexpr std::int64_t evicted_rows = 256;  // at a time: a few pages
constexpr std::int64_t spare_pages = 8;
constexpr std::int64_t wal_excess = 16;  // it is cut back only after a transaction
// Who reads waits in its event loop; a store takes others well below a millisecond.
constexpr int busy_milliseconds = 200;
// SQLite does not wait by itself where two would wait for each other, as when both create the file.
constexpr int open_attempts = 20;

std::int64_t wal_pages(std::uint64_t max_bytes) {
  const auto pages = static_cast<std::int64_t>(max_bytes / page_bytes);
  return std::clamp<std::int64_t>(pages / 8, 16, 1000);
}

ErrorKind kind_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorKind::locked;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_ERROR:  // our own SQL is right: it does not fit the tables
      return ErrorKind::damaged;
    default:
      return ErrorKind::io;
  }
}

}  // namespace

void VerdictDatabase::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

VerdictDatabase::VerdictDatabase(std::string path, std::uint64_t max_bytes)
    : path_(std::move(path)),
      wal_pages_(wal_pages(max_bytes)),
      max_pages_(std::max<std::int64_t>(
          2 * spare_pages,
          static_cast<std::int64_t>(max_bytes / page_bytes) - wal_pages_ - wal_excess)) {}

VerdictDatabase::~VerdictDatabase() {
  // Before the connection, which else stays open.
  for (auto* statements : {&insert_, &delete_some_, &delete_all_}) {
    for (Statement& statement : *statements) statement.reset();
  }
  for (Statement* statement : {&find_, &any_, &begin_, &commit_, &rollback_, &read_young_,
                               &write_young_, &page_count_, &free_count_, &shrink_}) {
    statement->reset();
  }
  sqlite3_close(database_);
}

Result<std::unique_ptr<VerdictDatabase>> VerdictDatabase::open(const std::string& path,
                                                               std::uint64_t max_bytes, Mode mode) {
  for (int attempt = 1;; ++attempt) {
    // SQLite opens an empty file where there is none only when told so, but slowly finds out.
    if (mode == Mode::existing && ::access(path.c_str(), F_OK) != 0) {
      return Error{ErrorKind::not_found, path + " does not exist"};
    }
    std::unique_ptr<VerdictDatabase> made(new VerdictDatabase(path, max_bytes));
    const Status status = made->configure(mode);
    if (status.ok()) return made;
    if (status.error().kind != ErrorKind::locked || attempt == open_attempts) return status.error();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void VerdictDatabase::remove(const std::string& path) {
  // The file last: a log that it left behind would be replayed into the next one.
  for (const char* suffix : {"-wal", "-shm", ""}) ::unlink((path + suffix).c_str());
}

Status VerdictDatabase::configure(Mode mode) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (mode == Mode::create) flags |= SQLITE_OPEN_CREATE;
  if (Status s = check(sqlite3_open_v2(path_.c_str(), &database_, flags, nullptr)); !s) return s;
  sqlite3_busy_timeout(database_, busy_milliseconds);
  // synchronous=OFF: the kernel has what a killed process wrote. Against a power cut NORMAL would
  // wait for the disk at each checkpoint, on the thread that drives the calls: 20 ms were seen, and
  // twice the time for each store. What is at stake is the price of reading again.
  const std::string settings =
      "PRAGMA synchronous=OFF; PRAGMA cache_size=-2048; PRAGMA temp_store=MEMORY;"
      "PRAGMA wal_autocheckpoint=" +
      std::to_string(wal_pages_) +
      ";PRAGMA journal_size_limit=" + std::to_string(wal_pages_ * page_bytes);
  if (Status s = execute(settings.c_str()); !s) return s;
  const Result<std::int64_t> version = number("PRAGMA user_version");
  if (!version.ok()) return version.error();
  if (*version == 0 && mode == Mode::existing) {
    return Error{ErrorKind::not_found, path_ + " is empty"};
  }
  if (*version == 0) {
    if (Status s = create_tables(); !s) return s;
  } else if (*version != schema_version) {
    return Error{ErrorKind::version, path_ + " is of version " + std::to_string(*version)};
  }
  return prepare();
}

Status VerdictDatabase::create_tables() {
  // These hold only from before the first page on; WAL stays with the file.
  if (Status s = execute("PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL;"
                         "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE");
      !s) {
    return s;
  }
  const Result<std::int64_t> version = number("PRAGMA user_version");
  if (!version.ok()) return version.error();
  if (*version != 0) return execute("ROLLBACK");  // another process was faster
  std::string tables;
  for (const char* table : {"verdicts0", "verdicts1", "verdicts2"}) {
    tables += std::string("CREATE TABLE ") + table +
              "(key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;";
  }
  tables +=
      "CREATE TABLE generation(young INTEGER NOT NULL); INSERT INTO generation VALUES(0);"
      "PRAGMA user_version=" +
      std::to_string(schema_version) + "; COMMIT";
  return execute(tables.c_str());
}

Status VerdictDatabase::prepare() {
  Status status;
  const auto make = [&](Statement& statement, const std::string& sql) {
    if (!status.ok()) return;
    sqlite3_stmt* made = nullptr;
    status = check(
        sqlite3_prepare_v3(database_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr));
    statement.reset(made);
  };
  for (std::size_t i = 0; i < insert_.size(); ++i) {
    const std::string table = "verdicts" + std::to_string(i);
    make(insert_.at(i), "INSERT OR REPLACE INTO " + table + " VALUES(?1, ?2)");
    std::string some = "DELETE FROM " + table + " WHERE key <= (SELECT key FROM ";
    some.append(table).append(" ORDER BY key LIMIT 1 OFFSET ");
    make(delete_some_.at(i), some.append(std::to_string(evicted_rows - 1)).append(")"));
    make(delete_all_.at(i), "DELETE FROM " + table);
  }
  make(find_,
       "SELECT value, 0 FROM verdicts0 WHERE key = ?1 UNION ALL "
       "SELECT value, 1 FROM verdicts1 WHERE key = ?1 UNION ALL "
       "SELECT value, 2 FROM verdicts2 WHERE key = ?1");
  make(any_,
       "SELECT EXISTS(SELECT 1 FROM verdicts0 WHERE key BETWEEN ?1 AND ?2) OR "
       "EXISTS(SELECT 1 FROM verdicts1 WHERE key BETWEEN ?1 AND ?2) OR "
       "EXISTS(SELECT 1 FROM verdicts2 WHERE key BETWEEN ?1 AND ?2)");
  make(begin_, "BEGIN IMMEDIATE");
  make(commit_, "COMMIT");
  make(rollback_, "ROLLBACK");
  make(read_young_, "SELECT young FROM generation");
  make(write_young_, "UPDATE generation SET young = ?1");
  make(page_count_, "PRAGMA page_count");
  make(free_count_, "PRAGMA freelist_count");
  make(shrink_, "PRAGMA incremental_vacuum(256)");
  if (!status.ok()) return status;
  return read_young();
}

Status VerdictDatabase::read_young() {
  const Result<std::int64_t> young = number(read_young_);
  if (!young.ok()) return young.error();
  generation_ = *young;
  return {};
}

Result<std::vector<VerdictDatabase::Found>> VerdictDatabase::find(const Key& key) {
  std::vector<Found> found;
  sqlite3_stmt* const find = find_.get();
  sqlite3_bind_blob(find, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
  int code = sqlite3_step(find);
  for (; code == SQLITE_ROW; code = sqlite3_step(find)) {
    const auto* value = static_cast<const char*>(sqlite3_column_blob(find, 0));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(find, 0));
    found.push_back({value == nullptr ? "" : std::string(value, size),
                     sqlite3_column_int64(find, 1) != generation_ % table_count});
  }
  const Status status = check(code);
  sqlite3_reset(find);
  if (!status.ok()) return status.error();
  return found;
}

Result<bool> VerdictDatabase::holds_any(const Key& first, const Key& last) {
  sqlite3_bind_blob(any_.get(), 1, first.data(), static_cast<int>(first.size()), SQLITE_STATIC);
  sqlite3_bind_blob(any_.get(), 2, last.data(), static_cast<int>(last.size()), SQLITE_STATIC);
  const Result<std::int64_t> any = number(any_);
  if (!any.ok()) return any.error();
  return *any != 0;
}

Status VerdictDatabase::store(std::span<const Row> rows) {
  if (Status s = run(begin_); !s) return s;
  Status status = write(rows);
  if (status.ok()) status = run(commit_);
  // After some errors SQLite has rolled back by itself.
  if (!status.ok() && sqlite3_get_autocommit(database_) == 0) (void)run(rollback_);
  return status;
}

Status VerdictDatabase::write(std::span<const Row> rows) {
  if (Status s = read_young(); !s) return s;
  const Statement& insert = insert_.at(static_cast<std::size_t>(generation_ % table_count));
  for (const Row& row : rows) {
    sqlite3_bind_blob(insert.get(), 1, row.key.data(), static_cast<int>(row.key.size()),
                      SQLITE_STATIC);
    sqlite3_bind_blob(insert.get(), 2, row.value.data(), static_cast<int>(row.value.size()),
                      SQLITE_STATIC);
    if (Status s = run(insert); !s) return s;
  }
  return make_room(rows.size());
}

Status VerdictDatabase::make_room(std::size_t stored) {
  // More than came in; but a bound that was lowered is not worth a pause of seconds.
  const std::int64_t rounds = 4 + 2 * static_cast<std::int64_t>(stored) / evicted_rows;
  std::int64_t pages = 0;
  for (std::int64_t round = 0;; ++round) {
    const Result<std::int64_t> all = number(page_count_);
    if (!all.ok()) return all.error();
    pages = *all;
    if (generation_ == 0 && pages > max_pages_ / 2) return begin_generation();
    if (pages + spare_pages <= max_pages_) return {};
    const Result<std::int64_t> free = number(free_count_);
    if (!free.ok()) return free.error();
    if (pages - *free + spare_pages <= max_pages_ || round == rounds) break;
    if (Status s = evict(); !s) return s;
  }
  return pages > max_pages_ ? run(shrink_) : Status();
}

Status VerdictDatabase::evict() {
  const auto oldest = static_cast<std::size_t>((generation_ + 1) % table_count);
  if (Status s = run(delete_some_.at(oldest)); !s) return s;
  if (sqlite3_changes(database_) > 0) return {};
  if (Status s = run(delete_all_.at(oldest)); !s) return s;  // fewer than a batch
  return begin_generation();
}

Status VerdictDatabase::begin_generation() {
  ++generation_;
  sqlite3_bind_int64(write_young_.get(), 1, generation_);
  return run(write_young_);
}

bool VerdictDatabase::replaced() const {
  int moved = 0;
  sqlite3_file_control(database_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved != 0;
}

Status VerdictDatabase::execute(const char* sql) {
  return check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr));
}

Status VerdictDatabase::run(const Statement& statement) {
  int code = sqlite3_step(statement.get());
  while (code == SQLITE_ROW) code = sqlite3_step(statement.get());
  Status status = check(code);
  sqlite3_reset(statement.get());
  return status;
}

Result<std::int64_t> VerdictDatabase::number(const Statement& statement) {
  const int code = sqlite3_step(statement.get());
  const std::int64_t value =
      code == SQLITE_ROW ? sqlite3_column_int64(statement.get(), 0) : std::int64_t{0};
  const Status status =
      code == SQLITE_DONE ? Status(Error{ErrorKind::damaged, path_ + " lacks a row"}) : check(code);
  sqlite3_reset(statement.get());
  if (!status.ok()) return status.error();
  return value;
}

Result<std::int64_t> VerdictDatabase::number(const char* sql) {
  sqlite3_stmt* made = nullptr;
  const Status status = check(sqlite3_prepare_v2(database_, sql, -1, &made, nullptr));
  const Statement statement(made);
  if (!status.ok()) return status.error();
  return number(statement);
}

Status VerdictDatabase::check(int code) const {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return {};
  return Error{kind_of(code),
               path_ + ": " + (database_ == nullptr ? "out of memory" : sqlite3_errmsg(database_))};
}

}  // namespace callslip
