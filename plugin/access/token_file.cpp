#include "plugin/access/token_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "index/files/atomic_file.h"
#include "index/files/file_descriptor.h"
#include "plugin/access/secrets.h"

namespace callslip {
namespace {

using nlohmann::ordered_json;
using SystemClock = std::chrono::system_clock;

constexpr std::uint64_t kMaxBytes = 4U << 20U;
constexpr std::size_t kMaxName = 100;  // bytes

Error wrong(const std::string& message) { return {ErrorKind::invalid_argument, message}; }

bool is_hash(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Who may read or replace the file may let anybody in.
Status check_mode(const std::string& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return Error{ErrorKind::io, path + ": not a regular file"};
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return Error{ErrorKind::io, path + " belongs to another user; run: chown " +
                                    std::to_string(::geteuid()) + " " + path};
  }
  // systemd gives credentials to a service with an ACL, whose mask stands where the group's bits
  // do; only root is of root's group.
  const bool of_root = status.st_uid == 0 && status.st_gid == 0;
  const mode_t others = of_root ? 0037 : 0077;
  if ((status.st_mode & others) != 0) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(status.st_mode & 07777U));
    return Error{ErrorKind::io, path + " can be read or written by others (mode " + mode +
                                    "); run: chmod 600 " + path};
  }
  return {};
}

Result<std::shared_ptr<const std::vector<std::string>>> collections_from(const ordered_json& list) {
  if (!list.is_array()) return wrong("collections: must be a list of names");
  std::vector<std::string> names;
  for (const ordered_json& item : list) {
    if (!item.is_string()) return wrong("collections: must be a list of names");
    names.push_back(item.get<std::string>());
    if (const std::string fault = collection_fault(names.back()); !fault.empty()) {
      return wrong("collections: " + fault);
    }
  }
  std::sort(names.begin(), names.end());
  return std::shared_ptr<const std::vector<std::string>>(
      std::make_shared<std::vector<std::string>>(std::move(names)));
}

Result<TokenRecord> record_from(const std::string& line) {
  const ordered_json object = ordered_json::parse(line, nullptr, false);
  if (!object.is_object()) return wrong("is no JSON object");
  TokenRecord record;
  bool scope_given = false;
  for (const auto& [key, value] : object.items()) {
    if (key == "collections") {
      auto collections = collections_from(value);
      if (!collections) return collections.error();
      record.collections = std::move(collections).value();
      continue;
    }
    if (key != "name" && key != "sha256" && key != "created" && key != "scope" &&
        key != "expires") {
      return wrong("\"" + key + "\" is not known");
    }
    if (!value.is_string()) return wrong("\"" + key + "\" must be a string");
    const auto text = value.get<std::string>();
    if (key == "name") {
      record.name = text;
    } else if (key == "sha256") {
      record.sha256 = text;
    } else if (key == "created") {
      record.created = text;
    } else if (key == "scope") {
      scope_given = text == "read" || text == "write";
      record.may_write = text == "write";
    } else {
      record.expires = parse_utc(text);
      if (!record.expires) return wrong("expires: \"" + text + "\" is no date like 2026-06-01");
    }
  }
  if (record.name.empty()) return wrong("\"name\" is missing");
  if (!is_hash(record.sha256)) return wrong("\"sha256\" must be 64 hexadecimal digits, lower case");
  if (!scope_given) return wrong("\"scope\" must be \"read\" or \"write\"");
  return record;
}

std::string line_of(const TokenRecord& record) {
  ordered_json object{{"name", record.name},
                      {"sha256", record.sha256},
                      {"scope", record.may_write ? "write" : "read"}};
  if (record.collections) object["collections"] = *record.collections;
  if (!record.created.empty()) object["created"] = record.created;
  if (record.expires) object["expires"] = utc_text(*record.expires);
  return object.dump() + "\n";
}

bool is_comment(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos || line[first] == '#';
}

/// Each line with its end, which the last one may lack.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

struct Content {
  std::vector<std::string> lines;
  std::vector<TokenRecord> records;
  std::vector<std::size_t> line_of_record;  // in `lines`
};

Result<Content> read_content(const std::string& path) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return system_error(path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return system_error(path, errno);
  if (Status s = check_mode(path, status); !s) return s.error();
  if (static_cast<std::uint64_t>(status.st_size) > kMaxBytes) {
    return Error{ErrorKind::unsupported,
                 path + " is larger than " + std::to_string(kMaxBytes) + " bytes"};
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  if (Status s = fd.read_at(0, text.data(), text.size()); !s) return s.error().within(path);
  Content content;
  content.lines = lines_of(text);
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    if (is_comment(content.lines[i])) continue;
    auto record = record_from(content.lines[i]);
    if (!record) return record.error().within(path + ", line " + std::to_string(i + 1));
    content.records.push_back(std::move(record).value());
    content.line_of_record.push_back(i);
  }
  return content;
}

/// Held while the file is read and replaced; who waited for a file that was replaced tries again.
Result<FileDescriptor> lock_file(const std::string& path, bool create) {
  for (;;) {
    const int flags = O_RDWR | O_CLOEXEC | O_NOCTTY | (create ? O_CREAT : 0);
    FileDescriptor fd(::open(path.c_str(), flags, 0600));
    if (!fd) return system_error(path, errno);
    while (::flock(fd.get(), LOCK_EX) != 0) {
      if (errno != EINTR) return system_error(path, errno);
    }
    struct stat held {};
    struct stat named {};
    if (::fstat(fd.get(), &held) != 0) return system_error(path, errno);
    if (::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino) return fd;
  }
}

}  // namespace

Result<std::vector<TokenRecord>> read_token_file(const std::string& path) {
  auto content = read_content(path);
  if (!content) return content.error();
  return std::move(content->records);
}

std::string make_token() { return "callslip_" + random_secret(32); }

Status add_token(const std::string& path, const TokenRecord& record) {
  if (record.name.empty() || record.name.size() > kMaxName ||
      record.name.find_first_of("\r\n") != std::string::npos) {
    return wrong("a token's name is 1 to 100 bytes on one line");
  }
  std::error_code said_by_the_lock;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, said_by_the_lock);
  const auto lock = lock_file(path, true);
  if (!lock) return lock.error();
  auto content = read_content(path);
  if (!content) return content.error();
  for (const TokenRecord& known : content->records) {
    if (known.name == record.name) {
      return wrong(path + " has a token named \"" + record.name +
                   "\" already; choose another --name, or --revoke it first");
    }
  }
  std::string text;
  for (const std::string& line : content->lines) text += line;
  if (text.empty()) text = "# Who is let in by callslip serve --token-file; hashes, no tokens.\n";
  if (!text.ends_with('\n')) text.push_back('\n');
  return write_file_atomically(path, text + line_of(record));
}

Status revoke_token(const std::string& path, const std::string& name) {
  const auto lock = lock_file(path, false);
  if (!lock) return lock.error();
  const auto content = read_content(path);
  if (!content) return content.error();
  std::vector<bool> revoked(content->lines.size());
  bool found = false;
  for (std::size_t i = 0; i < content->records.size(); ++i) {
    if (content->records[i].name != name) continue;
    revoked[content->line_of_record[i]] = found = true;
  }
  if (!found) {
    return Error{ErrorKind::not_found, path + " has no token named \"" + name +
                                           "\"; see: callslip token --list --token-file " + path};
  }
  std::string text;
  for (std::size_t i = 0; i < content->lines.size(); ++i) {
    if (!revoked[i]) text += content->lines[i];
  }
  return write_file_atomically(path, text);
}

std::string utc_text(SystemClock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::optional<SystemClock::time_point> parse_utc(std::string_view text) {
  static constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  if (text.size() != 10 && text.size() != kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t length) {
    int value = 0;
    if (at < text.size()) std::from_chars(text.data() + at, text.data() + at + length, value);
    return value;
  };
  const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2))));
  if (!date.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(number(11, 2)) +
         std::chrono::minutes(number(14, 2)) + std::chrono::seconds(number(17, 2));
}

std::string collection_fault(std::string_view collection) {
  if (collection.empty()) return "a name is missing";
  if (collection.find('/') != std::string_view::npos) {
    return "\"" + std::string(collection) +
           "\" has a slash; a collection is the first part of documents' names, such as papers";
  }
  return "";
}

}  // namespace callslip
