#include "tools/verdict_cache.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include "index/hash.h"

namespace callslip {
namespace {

constexpr std::size_t check_bytes = 2;
constexpr std::size_t question_bytes = 3;
constexpr std::size_t most_found_old = 256;  // rows, after which they are stored anew
constexpr std::chrono::seconds failed_pause{60};
constexpr std::chrono::seconds locked_pause{5};

void append_number(std::string& bytes, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7U) bytes.push_back(static_cast<char>(number | 0x80U));
  bytes.push_back(static_cast<char>(number));
}

/// Takes a number off the front; false when there is none that a position could be.
bool take_number(std::string_view& bytes, std::size_t& number) {
  number = 0;
  for (unsigned shift = 0; !bytes.empty() && shift < 56; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    number |= static_cast<std::size_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

/// After a power cut a page may be half of one write and half of another.
std::array<char, check_bytes> check_of(const VerdictCache::Key& key, std::string_view body) {
  std::uint64_t seed = 0;
  std::memcpy(&seed, &key[key.size() - sizeof seed], sizeof seed);
  const auto hash = hash128(body, seed);
  return {static_cast<char>(hash[0]), static_cast<char>(hash[1])};
}

/// The check, the kind, then for each sentence what lies before it and how long it is. Nothing for
/// sentences out of order.
std::optional<std::string> encode(const VerdictCache::Key& key, const Verdict& verdict) {
  std::string value(check_bytes, '\0');
  value.push_back(verdict.kind == Verdict::Kind::relevant ? 1 : 0);
  std::size_t at = 0;
  for (const ByteSpan sentence : verdict.sentences) {
    if (sentence.start < at || sentence.end < sentence.start) return std::nullopt;
    append_number(value, sentence.start - at);
    append_number(value, sentence.end - sentence.start);
    at = sentence.end;
  }
  const auto check = check_of(key, std::string_view(value).substr(check_bytes));
  std::copy(check.begin(), check.end(), value.begin());
  return value;
}

std::optional<Verdict> decode(const VerdictCache::Key& key, std::string_view value,
                              std::string_view text) {
  if (value.size() <= check_bytes) return std::nullopt;
  std::string_view body = value.substr(check_bytes);
  const auto check = check_of(key, body);
  if (!std::equal(check.begin(), check.end(), value.begin())) return std::nullopt;
  if (body.front() != 0 && body.front() != 1) return std::nullopt;
  Verdict verdict;
  verdict.kind = body.front() == 1 ? Verdict::Kind::relevant : Verdict::Kind::none;
  verdict.from_cache = true;
  body.remove_prefix(1);
  for (std::size_t at = 0; !body.empty();) {
    std::size_t gap = 0;
    std::size_t length = 0;
    if (!take_number(body, gap) || !take_number(body, length)) return std::nullopt;
    const ByteSpan sentence{at + gap, at + gap + length};
    if (sentence.end > text.size()) return std::nullopt;
    verdict.sentences.push_back(sentence);
    at = sentence.end;
  }
  return verdict;
}

bool is_to_be_replaced(const Error& error) {
  return error.kind == ErrorKind::damaged || error.kind == ErrorKind::version;
}

}  // namespace

VerdictCache::VerdictCache(const VerdictCacheOptions& options)
    : path_(options.directory + "/verdicts.sqlite"), max_bytes_(options.max_bytes) {}

std::uint64_t VerdictCache::question_hash(std::string_view identity, std::string_view question,
                                          std::uint64_t visibility) {
  std::string bytes = visibility == 0 ? "" : hex64(visibility) + "@";
  bytes += std::to_string(identity.size()) + ":";
  bytes.append(identity).append(question);
  return hash64(bytes);
}

VerdictCache::Key VerdictCache::key(std::uint64_t question_hash, std::string_view text) {
  Key key = hash128(text, question_hash);
  // The verdicts of a question side by side: a store then changes half as many pages.
  for (std::size_t i = 0; i < question_bytes; ++i) {
    key.at(i) = static_cast<unsigned char>((question_hash >> (8 * i)) & 0xFFU);
  }
  return key;
}

std::optional<Verdict> VerdictCache::find(const Key& key, std::string_view text) {
  const std::lock_guard lock(mutex_);
  VerdictDatabase* const database = existing();
  if (database == nullptr) return std::nullopt;
  Result<std::vector<VerdictDatabase::Found>> found = database->find(key);
  if (!found.ok()) {
    if (is_to_be_replaced(found.error())) {
      if (!database->replaced()) VerdictDatabase::remove(path_);
      database_.reset();
    }
    return std::nullopt;
  }
  for (VerdictDatabase::Found& candidate : *found) {
    std::optional<Verdict> verdict = decode(key, candidate.value, text);
    if (!verdict) continue;
    if (candidate.old && found->size() == 1) {
      rows_.push_back({key, std::move(candidate.value)});
      if (rows_.size() >= most_found_old) (void)write();
    }
    return verdict;
  }
  return std::nullopt;
}

bool VerdictCache::holds_any(std::uint64_t question_hash) {
  const std::lock_guard lock(mutex_);
  VerdictDatabase* const database = existing();
  if (database == nullptr) return false;
  Key first = key(question_hash, "");
  Key last = first;
  std::fill(first.begin() + question_bytes, first.end(), static_cast<unsigned char>(0));
  std::fill(last.begin() + question_bytes, last.end(), static_cast<unsigned char>(0xFF));
  const Result<bool> any = database->holds_any(first, last);
  return !any.ok() || *any;  // a damaged file is dealt with where it is read
}

Status VerdictCache::store(std::span<const Judged> judged) {
  const std::lock_guard lock(mutex_);
  for (const Judged& one : judged) {
    if (one.verdict->kind == Verdict::Kind::failed) continue;
    if (auto value = encode(one.key, *one.verdict)) rows_.push_back({one.key, std::move(*value)});
  }
  return write();
}

/// Stores rows_, which are gone then whatever happens.
Status VerdictCache::write() {
  std::vector<VerdictDatabase::Row> rows;
  std::swap(rows, rows_);
  if (rows.empty() || Clock::now() < no_store_until_) return {};
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  for (bool repeated = false;; repeated = true) {
    const Result<VerdictDatabase*> database = writable();
    if (!database.ok()) return give_up(database.error());
    const Status status = (*database)->store(rows);
    if (status.ok()) return {};
    if (!is_to_be_replaced(status.error()) || repeated) return give_up(status.error());
    if (!(*database)->replaced()) VerdictDatabase::remove(path_);
    database_.reset();
  }
}

/// Null where there is nothing to look at.
VerdictDatabase* VerdictCache::existing() {
  if (database_ || Clock::now() < no_open_until_) return database_.get();
  auto opened = VerdictDatabase::open(path_, max_bytes_, VerdictDatabase::Mode::existing);
  if (opened.ok()) {
    database_ = std::move(opened).value();
  } else if (is_to_be_replaced(opened.error())) {
    VerdictDatabase::remove(path_);
  } else if (opened.error().kind != ErrorKind::not_found) {
    no_open_until_ = Clock::now() + locked_pause;
  }
  return database_.get();
}

Result<VerdictDatabase*> VerdictCache::writable() {
  // Another process may have found it damaged, or somebody have deleted it.
  if (database_ && database_->replaced()) database_.reset();
  for (bool repeated = false; !database_; repeated = true) {
    std::error_code ignored;  // the open says what is wrong
    std::filesystem::create_directory(std::filesystem::path(path_).parent_path(), ignored);
    auto opened = VerdictDatabase::open(path_, max_bytes_, VerdictDatabase::Mode::create);
    if (opened.ok()) {
      database_ = std::move(opened).value();
    } else if (repeated || !is_to_be_replaced(opened.error())) {
      return opened.error();
    } else {
      VerdictDatabase::remove(path_);
    }
  }
  return database_.get();
}

Status VerdictCache::give_up(const Error& error) {
  const bool locked = error.kind == ErrorKind::locked;
  no_store_until_ = Clock::now() + (locked ? locked_pause : failed_pause);
  if (std::exchange(told_, true)) return {};
  return error.within("what the reader judges is not remembered");
}

}  // namespace callslip
