// callslip token: makes, lists and revokes the tokens of a file for serve --token-file.

#include <algorithm>
#include <chrono>
#include <iostream>
#include <set>

#include "plugin/access/token_file.h"
#include "plugin/access/token_store.h"
#include "plugin/commands/commands.h"

namespace callslip {
namespace {

using SystemClock = std::chrono::system_clock;

std::string collections_text(const TokenRecord& record) {
  if (!record.collections) return "all collections";
  std::string text;
  for (const std::string& collection : *record.collections) {
    text += (text.empty() ? "" : ", ") + collection;
  }
  return text.empty() ? "no collection" : text;
}

std::string expiry_text(const TokenRecord& record, SystemClock::time_point now) {
  if (!record.expires) return "does not expire";
  return (record.expired(now) ? "expired " : "expires ") + utc_text(*record.expires);
}

std::string line_of(const TokenRecord& record) {
  return record.name + " | " + (record.may_write ? "write" : "read") + " | " +
         collections_text(record) + " | " + expiry_text(record, SystemClock::now());
}

/// "token-1", or the first number that is free.
std::string free_name(const std::string& path) {
  std::set<std::string> taken;
  if (const auto records = read_token_file(path)) {
    for (const TokenRecord& record : *records) taken.insert(record.name);
  }
  for (std::size_t i = 1;; ++i) {
    std::string name = "token-" + std::to_string(i);
    if (!taken.contains(name)) return name;
  }
}

int list(const std::string& path) {
  const auto records = read_token_file(path);
  if (!records) return fail(records.error());
  for (const TokenRecord& record : *records) {
    std::cout << line_of(record) << (record.created.empty() ? "" : " | made " + record.created)
              << "\n";
  }
  if (records->empty()) std::cerr << "no tokens in " << path << "\n";
  return 0;
}

int revoke(const std::string& path, const std::string& name) {
  if (const Status revoked = revoke_token(path, name); !revoked) return fail(revoked.error());
  std::cerr << "revoked \"" << name << "\" in " << path << "\n";
  return 0;
}

int make(const Settings& settings, const std::string& path) {
  const auto now = SystemClock::now();
  TokenRecord record;
  record.name = settings.token_name.empty() ? free_name(path) : settings.token_name;
  record.may_write = settings.token_scope == "write";
  record.created = utc_text(now).substr(0, 10);
  if (!settings.token_collections.empty()) {
    std::vector<std::string> collections = settings.token_collections;
    for (std::string& collection : collections) {
      if (collection.ends_with('/')) collection.pop_back();
      if (const std::string fault = collection_fault(collection); !fault.empty()) {
        return fail({ErrorKind::invalid_argument, "--collection: " + fault}) + 1;
      }
    }
    std::sort(collections.begin(), collections.end());
    record.collections = std::make_shared<const std::vector<std::string>>(std::move(collections));
  }
  if (settings.token_days > 0) {
    record.expires = now + std::chrono::hours(24 * settings.token_days);
  }
  const std::string token = make_token();
  record.sha256 = TokenStore::hash_of(token);
  if (const Status added = add_token(path, record); !added) return fail(added.error());
  std::cerr << "added to " << path << ": " << line_of(record)
            << "\nThe token is shown only now; send it as Authorization: Bearer TOKEN\n";
  std::cout << token << std::endl;
  if (!std::cout) {
    static_cast<void>(revoke_token(path, record.name));
    return fail({ErrorKind::io, "the token could not be printed, and was revoked"});
  }
  return 0;
}

}  // namespace

int run_token(const Settings& settings) {
  const std::string& path = settings.token_files.front();
  if (settings.token_list) return list(path);
  if (!settings.token_revoke.empty()) return revoke(path, settings.token_revoke);
  return make(settings, path);
}

}  // namespace callslip
