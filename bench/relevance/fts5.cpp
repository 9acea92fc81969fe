#include <sqlite3.h>

#include <cctype>
#include <cstdlib>
#include <iostream>

#include "bench/relevance/system.h"

namespace callslip::bench {
namespace {

class Fts5 final : public System {
 public:
  ~Fts5() override { sqlite3_close(database_); }

  std::string name() const override { return "SQLite FTS5"; }

  void open(const Collection& collection) override {
    collection_ = &collection;
    sqlite3_close(database_);
    if (sqlite3_open(":memory:", &database_) != SQLITE_OK) die();
    run("CREATE VIRTUAL TABLE articles USING fts5(title, text, tokenize = 'porter unicode61')");
    run("BEGIN");
    sqlite3_stmt* insert = prepare("INSERT INTO articles(rowid, title, text) VALUES (?, ?, ?)");
    for (std::size_t i = 0; i < collection.documents.size(); ++i) {
      sqlite3_bind_int64(insert, 1, static_cast<sqlite3_int64>(i));
      bind(insert, 2, collection.documents[i].title);
      bind(insert, 3, collection.documents[i].text);
      if (sqlite3_step(insert) != SQLITE_DONE) die();
      sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    run("COMMIT");
  }

  RankedIds rank(const Collection::Query& query) override {
    RankedIds ids;
    const std::string match = disjunction(query.text);
    if (match.empty()) return ids;
    sqlite3_stmt* select = prepare(
        "SELECT rowid FROM articles WHERE articles MATCH ? ORDER BY bm25(articles) LIMIT ?");
    bind(select, 1, match);
    sqlite3_bind_int64(select, 2, static_cast<sqlite3_int64>(kDepth));
    while (sqlite3_step(select) == SQLITE_ROW) {
      const auto row = static_cast<std::size_t>(sqlite3_column_int64(select, 0));
      ids.push_back(collection_->documents[row].id);
    }
    sqlite3_finalize(select);
    return ids;
  }

 private:
  /// Each word as a string of FTS5's query language, joined by OR; it tokenises them itself.
  static std::string disjunction(const std::string& text) {
    std::string match;
    std::string word;
    const auto close = [&] {
      if (!word.empty()) match += (match.empty() ? "\"" : " OR \"") + word + "\"";
      word.clear();
    };
    for (const char c : text) {
      const bool separates = static_cast<unsigned char>(c) < 0x80 && std::isalnum(c) == 0;
      if (separates) {
        close();
      } else {
        word.push_back(c);
      }
    }
    close();
    return match;
  }

  [[noreturn]] void die() const {
    std::cerr << "SQLite: " << sqlite3_errmsg(database_) << "\n";
    std::exit(1);
  }

  void run(const char* statement) {
    if (sqlite3_exec(database_, statement, nullptr, nullptr, nullptr) != SQLITE_OK) die();
  }

  sqlite3_stmt* prepare(const char* statement) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(database_, statement, -1, &prepared, nullptr) != SQLITE_OK) die();
    return prepared;
  }

  static void bind(sqlite3_stmt* statement, int at, const std::string& text) {
    sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }

  sqlite3* database_ = nullptr;
};

}  // namespace

std::unique_ptr<System> make_fts5() { return std::make_unique<Fts5>(); }

}  // namespace callslip::bench
