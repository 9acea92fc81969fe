#include "tools/reading.h"

#include <algorithm>
#include <cstdio>
#include <unordered_map>
#include <utility>

#include "index/hash.h"
#include "tools/search_terms.h"

namespace callslip {
namespace {

constexpr std::uint64_t kFirstWave = 64;  // chunks; each wave is twice the one before
constexpr std::uint64_t kMaxWave = 1 << 16;
constexpr std::uint64_t kEmptyWaves = 2;  // after which `standard` stops
constexpr std::size_t kNamedFailures = 50;
constexpr std::chrono::milliseconds kTellEvery{100};

std::string short_count(double count) {
  char text[32];
  if (count < 10000) {
    std::snprintf(text, sizeof text, "%.0f", count);
  } else if (count < 1e6) {
    std::snprintf(text, sizeof text, "%.0fk", count / 1e3);
  } else {
    std::snprintf(text, sizeof text, "%.1fM", count / 1e6);
  }
  return text;
}

}  // namespace

Status Reading::order(const std::string& query, const Scope& scope) {
  const auto terms = search_terms(query, snapshot_.languages());
  const auto ranking = rank(snapshot_, terms, scope, scope_size(scope));
  if (!ranking) return ranking.error();
  items_.reserve(scope_size(scope));
  std::vector<bool> ranked(snapshot_.chunk_bound());
  for (const RankedChunk& chunk : ranking->top) {
    items_.push_back({chunk.chunk});
    ranked[chunk.chunk] = true;
  }
  for (const ChunkRange& range : scope) {
    for (ChunkNumber chunk = range.first; chunk < range.last; ++chunk) {
      if (!ranked[chunk]) items_.push_back({chunk});
    }
  }
  coverage_.in_scope = items_.size();
  coverage_.unread = items_.size();
  return recall();
}

/// Takes over the verdicts of earlier calls on chunks that are still the same.
Status Reading::recall() {
  if (state_.judged.empty()) return {};
  std::sort(state_.judged.begin(), state_.judged.end(),
            [](const auto& a, const auto& b) { return a.chunk < b.chunk; });
  const bool same = state_.revision == snapshot_.revision();
  for (Item& item : items_) {
    const ChunkId key = chunk_key_of(snapshot_, item.chunk);
    const auto known =
        std::lower_bound(state_.judged.begin(), state_.judged.end(), key,
                         [](const auto& a, const ChunkId& k) { return a.chunk < k; });
    if (known == state_.judged.end() || known->chunk != key) continue;
    if (!same) {
      const auto text = snapshot_.chunk_text(item.chunk);
      if (!text) return text.error();
      if (hash64(*text) != known->content) {
        forget_returned(key);
        continue;
      }
    }
    item.content = known->content;
    item.cached = known->cached;
    --coverage_.unread;
    if (known->kind == Verdict::Kind::failed) {
      item.mark = Mark::failed;
      ++coverage_.failed;
      reasons_[item.chunk] = state_.reasons[key];
      if (coverage_.failures.size() < kNamedFailures) {
        coverage_.failures.push_back({chunk_id_of(snapshot_, item.chunk), state_.reasons[key]});
      }
      continue;
    }
    ++coverage_.read;
    if (item.cached) ++coverage_.from_cache;
    item.mark = known->kind == Verdict::Kind::relevant ? Mark::relevant : Mark::none;
    if (item.mark == Mark::relevant) {
      ++coverage_.relevant;
      sentences_[item.chunk] = state_.sentences[key];
    }
  }
  return {};
}

/// What was returned of a chunk is not what it says now.
void Reading::forget_returned(const ChunkId& chunk) {
  const std::string id = chunk_id_text(chunk);
  std::erase_if(state_.returned, [&](const std::string& key) {
    return key.starts_with(id) && (key.size() == id.size() || key[id.size()] == '@');
  });
  if (state_.cut_chunk == id) {
    state_.cut_chunk.clear();
    state_.cut_bytes = 0;
  }
}

void Reading::remember_in(ReadState& state) const {
  state.judged.clear();
  state.sentences.clear();
  state.reasons.clear();
  for (const Item& item : items_) {
    if (item.mark == Mark::unread) continue;
    const ChunkId key = chunk_key_of(snapshot_, item.chunk);
    Verdict::Kind kind = Verdict::Kind::none;
    if (item.mark == Mark::relevant) {
      kind = Verdict::Kind::relevant;
      state.sentences[key] = sentences_.at(item.chunk);
    } else if (item.mark == Mark::failed) {
      kind = Verdict::Kind::failed;
      state.reasons[key] = reasons_.at(item.chunk);
    }
    state.judged.push_back({key, item.content, kind, item.cached});
  }
}

/// What failed in an earlier call gets another try.
void Reading::retry_failed() {
  for (Item& item : items_) {
    if (item.mark == Mark::failed) item.mark = Mark::unread;
  }
  coverage_.unread += coverage_.failed;
  coverage_.failed = 0;
  coverage_.failures.clear();
  reasons_.clear();
  next_item_ = 0;
}

/// Documents by their likeliest chunk, the chunks of each in the order of its text.
void Reading::arrange_wave() {
  std::sort(wave_.begin(), wave_.end());
  std::unordered_map<DocumentNumber, std::size_t> best;
  for (const std::size_t position : wave_) {
    best.try_emplace(snapshot_.document_of(items_[position].chunk), position);
  }
  std::sort(wave_.begin(), wave_.end(), [&](std::size_t a, std::size_t b) {
    const auto key = [&](std::size_t position) {
      const ChunkNumber chunk = items_[position].chunk;
      return std::pair(best.at(snapshot_.document_of(chunk)), chunk);
    };
    return key(a) < key(b);
  });
}

bool Reading::begin_wave() {
  Waves& waves = state_.waves;
  if (waves.size == 0) waves.size = kFirstWave;
  wave_.clear();
  wave_at_ = 0;
  for (; next_item_ < items_.size() && wave_.size() < waves.size; ++next_item_) {
    if (items_[next_item_].mark == Mark::unread) wave_.push_back(next_item_);
  }
  arrange_wave();
  waves.open = !wave_.empty();
  return waves.open;
}

bool Reading::end_wave() {
  Waves& waves = state_.waves;
  waves.open = false;
  waves.size = effort() == Effort::quick ? kFirstWave : std::min(waves.size * 2, kMaxWave);
  waves.empty = std::exchange(waves.found, 0) == 0 ? waves.empty + 1 : 0;
  if (effort() == Effort::exhaustive) return true;
  if (effort() == Effort::standard && waves.empty < kEmptyWaves) return true;
  waves.empty = 0;
  return false;
}

Result<Passage> Reading::passage_of(std::size_t position) const {
  const ChunkNumber chunk = items_[position].chunk;
  FoundChunk found = describe_chunk(snapshot_, chunk);
  Passage passage;
  passage.number = position;
  passage.chunk_id = std::move(found.chunk_id);
  passage.document = std::move(found.document);
  passage.title = std::move(found.title);
  passage.headings = std::move(found.headings);
  passage.tokens = static_cast<std::uint32_t>(found.tokens);
  passage.kind = found.kind;
  if (texts_wanted_) {
    auto text = snapshot_.chunk_text(chunk);
    if (!text) return text.error();
    passage.text = std::move(text).value();
  }
  return passage;
}

std::optional<Passage> Reading::next() {
  // Nothing is waited for between the waves of an exhaustive read.
  while (wave_at_ == wave_.size()) {
    if (wave_.empty() || effort() != Effort::exhaustive) return std::nullopt;
    end_wave();
    if (!begin_wave()) return std::nullopt;
  }
  const std::size_t position = wave_[wave_at_];
  auto passage = passage_of(position);
  if (!passage) {
    source_status_ = passage.error();
    return std::nullopt;
  }
  ++wave_at_;
  items_[position].content = hash64(passage->text);
  return std::move(passage).value();
}

Status Reading::read(Reader& reader, std::uint64_t max_calls, const CallContext& context,
                     const std::function<void()>& judged) {
  began_ = std::chrono::steady_clock::now();
  retry_failed();
  std::uint64_t calls = 0;
  while (begin_wave()) {
    if (context.should_stop()) {
      stopped_early_ = true;
      break;
    }
    const std::uint64_t judged_before = judged_;
    const ReaderUsage usage =
        reader.read(state_.sought(), *this, max_calls - std::min(calls, max_calls), context,
                    [&](std::size_t position, const Verdict& verdict) {
                      if (items_[position].mark != Mark::unread) return;
                      record(position, verdict);
                      if (context.verdicts) note(position);
                      tell(context);
                      if (judged) judged();
                    });
    tell_verdicts(context);
    calls += usage.calls;
    state_.usage.calls.add(usage);
    if (!source_status_) return source_status_;
    const bool all = effort() == Effort::exhaustive ? coverage_.unread == 0
                                                    : judged_ - judged_before == wave_.size();
    if (!all) {
      stopped_early_ = true;
      break;
    }
    if (!end_wave()) break;
  }
  // A large wave is in the order of the text: what goes on begins with the likeliest again.
  if (stopped_early_ && effort() == Effort::exhaustive) state_.waves.size = kFirstWave;
  return {};
}

Status Reading::plan(const Reader& reader, ReadPlan& plan, bool exact) {
  retry_failed();
  texts_wanted_ = exact && !reader.identity().empty();
  const Effort asked = effort();
  // Waves of one size or another: the order is the same.
  if (asked == Effort::standard) {
    std::uint64_t least = 0;
    for (std::uint64_t i = 0; i < kEmptyWaves; ++i) least += kFirstWave << i;
    state_.waves.size = least;
    if (begin_wave()) plan.least = reader.plan(state_.sought(), *this);
    next_item_ = 0;
    state_.request.effort = Effort::exhaustive;
  }
  state_.waves.size = 0;
  if (begin_wave()) plan.most = reader.plan(state_.sought(), *this);
  if (asked != Effort::standard) plan.least = plan.most;
  state_.request.effort = asked;
  state_.waves = Waves();
  return source_status_;
}

/// What of the wave that was handed out before is not judged yet.
bool Reading::resume_wave() {
  wave_.clear();
  wave_at_ = 0;
  for (const Waves::Left& left : state_.waves.left) {
    const auto chunk = find_chunk(snapshot_, chunk_id_text(left.chunk));
    if (!chunk) continue;
    const auto position = position_of(*chunk);
    if (position && items_[*position].mark == Mark::unread) wave_.push_back(*position);
  }
  arrange_wave();
  return !wave_.empty();
}

Status Reading::hand_out(const std::function<bool(const Passage&)>& take) {
  Waves& waves = state_.waves;
  if (!resume_wave()) {
    waves.left.clear();
    if ((waves.open && !end_wave()) || !begin_wave()) return {};
  }
  waves.left.clear();
  bool full = false;
  for (const std::size_t position : wave_) {
    Waves::Left left{chunk_key_of(snapshot_, items_[position].chunk)};
    if (!full) {
      const auto passage = passage_of(position);
      if (!passage) return passage.error();
      items_[position].content = hash64(passage->text);
      full = !take(*passage);
      if (!full) left.handed_out = items_[position].content;
    }
    waves.left.push_back(left);
  }
  std::sort(waves.left.begin(), waves.left.end(),
            [](const Waves::Left& a, const Waves::Left& b) { return a.chunk < b.chunk; });
  return {};
}

std::optional<std::size_t> Reading::position_of(ChunkNumber chunk) {
  if (positions_.empty()) {
    for (std::size_t i = 0; i < items_.size(); ++i) positions_[items_[i].chunk] = i;
  }
  const auto found = positions_.find(chunk);
  return found == positions_.end() ? std::nullopt : std::optional(found->second);
}

void Reading::take(std::size_t position, const Verdict& verdict) {
  if (items_[position].mark == Mark::unread) record(position, verdict);
}

Result<Reading::Submitted> Reading::submit(ChunkNumber chunk,
                                           const std::function<Verdict(const Passage&)>& judge) {
  const auto position = position_of(chunk);
  if (!position) {
    return Error{ErrorKind::invalid_argument,
                 chunk_id_of(snapshot_, chunk) + " is not among the chunks of this read"};
  }
  const auto passage = passage_of(*position);
  if (!passage) return passage.error();
  Item& item = items_[*position];
  const std::uint64_t content = hash64(passage->text);
  // A verdict is on the text that the caller saw.
  const bool again = item.mark == Mark::none || item.mark == Mark::relevant;
  std::uint64_t seen = again ? item.content : 0;
  const ChunkId key = chunk_key_of(snapshot_, chunk);
  for (const Waves::Left& left : state_.waves.left) {
    if (left.chunk == key) seen = left.handed_out;
  }
  if (seen == 0) return Submitted::not_handed_out;
  if (seen != content) return Submitted::changed_since;
  if (again) {
    // Said anew: the last word counts.
    if (item.mark == Mark::relevant) --coverage_.relevant;
    --coverage_.read;
    ++coverage_.unread;
    if (item.cached) --coverage_.from_cache;
    item.cached = false;
    item.mark = Mark::unread;
    sentences_.erase(chunk);
  }
  item.content = content;
  record(*position, judge(*passage));
  return Submitted::taken;
}

/// For those who watch each verdict.
void Reading::note(std::size_t position) {
  const Item& item = items_[position];
  JudgedChunk judged{position, JudgedChunk::Kind::none, "", ""};
  if (item.mark == Mark::failed) judged.kind = JudgedChunk::Kind::failed;
  if (item.mark == Mark::relevant) {
    judged.kind = JudgedChunk::Kind::relevant;
    judged.chunk_id = chunk_id_of(snapshot_, item.chunk);
    judged.document = snapshot_.name(snapshot_.document_of(item.chunk));
  }
  untold_.push_back(std::move(judged));
}

void Reading::tell_verdicts(const CallContext& context) {
  if (!context.verdicts || untold_.empty()) return;
  context.verdicts(untold_);
  untold_.clear();
}

void Reading::tell(const CallContext& context) {
  if (!context.progress && !context.verdicts) return;
  const auto now = std::chrono::steady_clock::now();
  const bool last = coverage_.unread == 0;
  if (!last && now - told_ < kTellEvery) return;
  told_ = now;
  tell_verdicts(context);
  if (!context.progress) return;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const double rate = seconds > 0 ? static_cast<double>(judged_) / seconds : 0;
  std::string message =
      std::to_string(coverage_.read) + " read, " + std::to_string(coverage_.relevant) +
      " relevant, " + std::to_string(coverage_.failed) + " failed, " +
      short_count(static_cast<double>(judged_tokens_)) + " tokens, " + short_count(rate) + "/s";
  // How far `standard` goes is not known before.
  if (effort() == Effort::exhaustive && rate > 0 && !last) {
    message += ", " + short_count(static_cast<double>(coverage_.unread) / rate) + " s left";
  }
  context.progress(static_cast<double>(coverage_.read + coverage_.failed),
                   static_cast<double>(coverage_.in_scope), message);
}

void Reading::record(std::size_t position, const Verdict& verdict) {
  Item& item = items_[position];
  --coverage_.unread;
  ++judged_;
  judged_tokens_ += snapshot_.chunk(item.chunk).tokens;
  state_.usage.rejected_quotes += verdict.rejected_quotes;
  if (verdict.kind == Verdict::Kind::failed) {
    item.mark = Mark::failed;
    ++coverage_.failed;
    reasons_[item.chunk] = verdict.reason;
    if (coverage_.failures.size() < kNamedFailures) {
      coverage_.failures.push_back({chunk_id_of(snapshot_, item.chunk), verdict.reason});
    }
    return;
  }
  ++coverage_.read;
  item.cached = verdict.from_cache;
  if (item.cached) ++coverage_.from_cache;
  item.mark = Mark::none;
  if (verdict.kind == Verdict::Kind::relevant) {
    item.mark = Mark::relevant;
    ++coverage_.relevant;
    ++state_.waves.found;
    sentences_[item.chunk] = verdict.sentences;
  }
}

std::vector<ChunkNumber> Reading::relevant() const {
  std::vector<ChunkNumber> chunks;
  for (const Item& item : items_) {
    if (item.mark == Mark::relevant) chunks.push_back(item.chunk);
  }
  return chunks;
}

const std::vector<ByteSpan>& Reading::sentences(ChunkNumber chunk) const {
  static const std::vector<ByteSpan> none;
  const auto found = sentences_.find(chunk);
  return found == sentences_.end() ? none : found->second;
}

}  // namespace callslip
