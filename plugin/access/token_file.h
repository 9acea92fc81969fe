// TokenFile: the tokens that are let in, in a file of lines that people can read:
//
//   # a comment
//   {"name": "alice", "sha256": "9f86...", "scope": "write", "collections": ["papers"],
//    "created": "2026-03-01", "expires": "2026-06-01T00:00:00Z"}          (all on one line)
//
// `scope` is "read" or "write", which includes reading. `collections` and `expires` may be missing:
// everything, and never. The file holds no token, only hashes: tokens are 256 random bits, so that
// a plain hash is enough. What a line says and we do not know is an error: a misspelt restriction
// must not widen what a token may.
//
// Functions without state. add and revoke lock the file against each other and replace it
// atomically.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/result.h"
#include "plugin/access/principal.h"

namespace callslip {

struct TokenRecord {
  std::string name;
  std::string sha256;  // 64 hexadecimal digits
  bool may_write = false;
  std::shared_ptr<const std::vector<std::string>> collections;  // null: all; else sorted
  std::string created;                                          // a date, for people
  std::optional<std::chrono::system_clock::time_point> expires;

  bool expired(std::chrono::system_clock::time_point now) const {
    return expires && *expires <= now;
  }
};

/// Errors: not_found; io where others can read or replace the file, with the remedy;
/// invalid_argument for a line that is wrong, with its number.
Result<std::vector<TokenRecord>> read_token_file(const std::string& path);

/// A new token, which is in no file: "callslip_" and 43 letters.
std::string make_token();

/// Creates the file for its owner only where it is missing. invalid_argument where the name is
/// taken.
Status add_token(const std::string& path, const TokenRecord& record);

/// not_found where no token has the name.
Status revoke_token(const std::string& path, const std::string& name);

/// "2026-06-01T00:00:00Z", and the date alone, UTC.
std::string utc_text(std::chrono::system_clock::time_point time);
std::optional<std::chrono::system_clock::time_point> parse_utc(std::string_view text);

/// What is wrong with a name of a collection; empty: nothing.
std::string collection_fault(std::string_view collection);

}  // namespace callslip
