#include "tools/reading.h"

#include <algorithm>

#include "index/hash.h"

namespace callslip {
namespace {

constexpr std::uint64_t kFirstWave = 64;  // chunks; each wave is twice the one before
constexpr std::uint64_t kMaxWave = 1 << 16;
constexpr std::size_t kBatch = 1024;    // passages held in memory, about 2 MB
constexpr std::size_t kEmptyWaves = 2;  // after which `standard` stops
constexpr std::size_t kNamedFailures = 50;

}  // namespace

Reading::Reading(const Snapshot& snapshot, Reader& reader, ReadState& state,
                 std::uint64_t max_calls)
    : snapshot_(snapshot), reader_(reader), state_(state), max_calls_(max_calls) {}

Status Reading::order(const Scope& scope) {
  std::vector<WeightedTerm> terms;
  for (QueryTerm& term : query_terms(state_.request.question)) {
    terms.push_back({std::move(term.term), static_cast<double>(term.frequency)});
  }
  const auto ranking = rank(snapshot_, terms, scope, scope_size(scope));
  if (!ranking) return ranking.error();
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
  if (state_.entries.empty()) return {};
  std::unordered_map<std::string, ReadState::Entry> known;
  std::swap(known, state_.entries);
  for (Item& item : items_) {
    std::string chunk_id = chunk_id_of(snapshot_, item.chunk);
    const auto found = known.find(chunk_id);
    if (found == known.end()) continue;
    const auto text = snapshot_.chunk_text(item.chunk);
    if (!text) return text.error();
    if (hash64(*text) != found->second.content) continue;
    switch (found->second.kind) {
      case Verdict::Kind::none:
        item.mark = Mark::none;
        break;
      case Verdict::Kind::relevant:
        item.mark = Mark::relevant;
        ++coverage_.relevant;
        break;
      case Verdict::Kind::failed:
        continue;  // another try
    }
    ++coverage_.read;
    --coverage_.unread;
    state_.entries.emplace(std::move(chunk_id), std::move(found->second));
  }
  return {};
}

Result<Passage> Reading::passage_of(ChunkNumber chunk) const {
  FoundChunk found = describe_chunk(snapshot_, chunk);
  auto text = snapshot_.chunk_text(chunk);
  if (!text) return text.error();
  return Passage{std::move(found.chunk_id), std::move(found.document), std::move(found.title),
                 std::move(found.headings), std::move(text).value(),   found.kind};
}

Status Reading::read(const CallContext& context) {
  std::uint64_t size = state_.next_wave == 0 ? kFirstWave : state_.next_wave;
  std::size_t empty_waves = 0;
  for (;;) {
    while (next_ < items_.size() && items_[next_].mark != Mark::unread) ++next_;
    if (next_ == items_.size()) break;
    if (context.should_stop() || calls_left() == 0) {
      stopped_early_ = true;
      break;
    }
    std::uint64_t found = 0;
    const std::uint64_t wave = state_.request.effort == Effort::exhaustive ? kMaxWave : size;
    if (Status s = read_wave(wave, context, found); !s) return s;
    if (stopped_early_) break;
    if (state_.request.effort == Effort::quick) break;
    size = std::min(size * 2, kMaxWave);
    empty_waves = found == 0 ? empty_waves + 1 : 0;
    if (state_.request.effort == Effort::standard && empty_waves == kEmptyWaves) break;
  }
  state_.next_wave = state_.request.effort == Effort::standard ? size : 0;
  return {};
}

Status Reading::read_wave(std::uint64_t size, const CallContext& context, std::uint64_t& found) {
  while (size > 0 && next_ < items_.size()) {
    std::vector<std::size_t> batch;  // positions in items_
    // A chunk costs at least one call where a model reads; a reader without one makes none.
    const std::uint64_t room = std::min({size, std::uint64_t{kBatch}, calls_left()});
    std::size_t at = next_;
    for (; at < items_.size() && batch.size() < room; ++at) {
      if (items_[at].mark == Mark::unread) batch.push_back(at);
    }
    if (batch.empty()) {
      stopped_early_ = room == 0;
      return {};
    }
    std::vector<Passage> passages;
    for (const std::size_t position : batch) {
      auto passage = passage_of(items_[position].chunk);
      if (!passage) return passage.error();
      passages.push_back(std::move(passage).value());
    }
    std::size_t judged = 0;
    const ReaderUsage usage =
        reader_.read(state_.request.question, passages, context,
                     [&](std::size_t passage, const Verdict& verdict) {
                       Item& item = items_[batch[passage]];
                       if (item.mark != Mark::unread) return;
                       record(item, passages[passage], verdict);
                       ++judged;
                       if (item.mark == Mark::relevant) ++found;
                       if (context.progress && (judged % 16 == 0 || judged == batch.size()))
                         tell(context);
                     });
    calls_ += usage.calls;
    state_.usage.calls.calls += usage.calls;
    state_.usage.calls.prompt_tokens += usage.prompt_tokens;
    state_.usage.calls.completion_tokens += usage.completion_tokens;
    while (next_ < items_.size() && items_[next_].mark != Mark::unread) ++next_;
    if (context.should_stop() || judged < batch.size()) {
      stopped_early_ = next_ < items_.size();
      return {};
    }
    size -= batch.size();
  }
  return {};
}

void Reading::tell(const CallContext& context) const {
  context.progress(static_cast<double>(coverage_.read + coverage_.failed),
                   static_cast<double>(coverage_.in_scope),
                   "read " + std::to_string(coverage_.read) + " of " +
                       std::to_string(coverage_.in_scope) + " chunks, " +
                       std::to_string(coverage_.relevant) + " relevant");
}

void Reading::record(Item& item, const Passage& passage, const Verdict& verdict) {
  ReadState::Entry entry;
  entry.content = hash64(passage.text);
  entry.kind = verdict.kind;
  --coverage_.unread;
  if (verdict.kind == Verdict::Kind::failed) {
    ++coverage_.failed;
    if (coverage_.failures.size() < kNamedFailures) {
      coverage_.failures.push_back({passage.chunk_id, verdict.reason});
    }
  } else {
    ++coverage_.read;
    if (verdict.from_cache) ++coverage_.from_cache;
  }
  state_.usage.rejected_quotes += verdict.rejected_quotes;
  switch (verdict.kind) {
    case Verdict::Kind::none:
      item.mark = Mark::none;
      break;
    case Verdict::Kind::failed:
      item.mark = Mark::failed;
      entry.reason = verdict.reason;
      break;
    case Verdict::Kind::relevant:
      item.mark = Mark::relevant;
      ++coverage_.relevant;
      entry.sentences = verdict.sentences;
      break;
  }
  state_.entries[passage.chunk_id] = std::move(entry);
}

std::vector<ChunkNumber> Reading::relevant() const {
  std::vector<ChunkNumber> chunks;
  for (const Item& item : items_) {
    if (item.mark == Mark::relevant) chunks.push_back(item.chunk);
  }
  return chunks;
}

const ReadState::Entry* Reading::entry(ChunkNumber chunk) const {
  const auto found = state_.entries.find(chunk_id_of(snapshot_, chunk));
  return found == state_.entries.end() ? nullptr : &found->second;
}

}  // namespace callslip
