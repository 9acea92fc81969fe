#include "plugin/http/legacy_sessions.h"

#include <sys/random.h>

#include <array>
#include <stdexcept>
#include <vector>

namespace callslip {
namespace {

/// 160 bits: nobody guesses one.
std::string new_id() {
  std::array<unsigned char, 20> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("the system gives no random bytes");
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id;
  for (const unsigned char byte : bytes) {
    id += digits[byte >> 4U];
    id += digits[byte & 15U];
  }
  return id;
}

bool same(const Principal& a, const Principal& b) {
  const bool collections = a.collections == b.collections ||
                           (a.collections && b.collections && *a.collections == *b.collections);
  return a.name == b.name && a.may_write == b.may_write && collections;
}

bool busy(const LegacySessions::Entry& entry) {
  return entry.stream->attached() || entry.session->in_flight() > 0;
}

void end(const LegacySessions::Entry& entry) {
  entry.session->requests().close();
  entry.session->cancel_all();
  entry.stream->close();
}

}  // namespace

std::optional<LegacySessions::Entry> LegacySessions::open(const Principal& principal,
                                                          Clock::time_point now) {
  Entry opened{new_id(), nullptr, std::make_shared<SessionStream>()};
  opened.session = std::make_shared<McpSession>(principal, opened.stream);
  std::optional<Entry> ended;
  {
    const std::lock_guard lock(mutex_);
    if (sessions_.size() >= options_.max_sessions) {
      const auto least = longest_idle(principal);
      if (least == sessions_.end()) return std::nullopt;
      ended = std::move(least->second.entry);
      sessions_.erase(least);
    }
    sessions_.emplace(opened.id, Kept{opened, now});
  }
  if (ended) end(*ended);
  return opened;
}

LegacySessions::Sessions::iterator LegacySessions::longest_idle(const Principal& principal) {
  auto best = sessions_.end();
  bool best_is_own = false;
  for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
    const auto& [entry, used] = at->second;
    if (busy(entry)) continue;
    const bool own = entry.session->principal().name == principal.name;
    if (best == sessions_.end() || (own && !best_is_own) ||
        (own == best_is_own && used < best->second.used)) {
      best = at;
      best_is_own = own;
    }
  }
  return best;
}

std::optional<LegacySessions::Entry> LegacySessions::find(const std::string& id,
                                                          const Principal& principal,
                                                          Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return std::nullopt;
  if (!same(found->second.entry.session->principal(), principal)) return std::nullopt;
  found->second.used = now;
  return found->second.entry;
}

bool LegacySessions::close(const std::string& id, const Principal& principal) {
  std::optional<Entry> ended;
  {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return false;
    if (!same(found->second.entry.session->principal(), principal)) return false;
    ended = std::move(found->second.entry);
    sessions_.erase(found);
  }
  end(*ended);
  return true;
}

void LegacySessions::close_all() {
  Sessions ended;
  {
    const std::lock_guard lock(mutex_);
    ended.swap(sessions_);
  }
  for (const auto& [id, kept] : ended) end(kept.entry);
}

void LegacySessions::close_streams() {
  std::vector<std::shared_ptr<SessionStream>> streams;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, kept] : sessions_) streams.push_back(kept.entry.stream);
  }
  for (const auto& stream : streams) stream->close();
}

void LegacySessions::sweep(Clock::time_point now) {
  std::vector<Entry> ended;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = sessions_.begin(); at != sessions_.end();) {
      const bool idle = now - at->second.used > options_.idle && !busy(at->second.entry);
      if (idle) ended.push_back(std::move(at->second.entry));
      at = idle ? sessions_.erase(at) : std::next(at);
    }
  }
  for (const Entry& entry : ended) end(entry);
}

std::size_t LegacySessions::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

}  // namespace callslip
