// Reading by the model that calls: chunks are handed out, and what it says of them is taken back.
#include <algorithm>
#include <utility>

#include "tools/chunk_selection.h"
#include "tools/pack_judge.h"
#include "tools/read_chunks_call.h"
#include "tools/read_summary.h"

namespace callslip {
namespace {

constexpr const char* kCaller = "caller";   // the reader that calls us
constexpr std::size_t kAroundAChunk = 300;  // tokens: its header, how to go on, notes

}  // namespace

Status ReadChunksCall::go_on_by_caller() {
  if (!state_.effort_done && !state_.finished) return hand_out();
  // What an earlier answer had no room for comes before anything new.
  if (Status s = collect(); !s) return s;
  if (!evidence_.empty() || relevant_left_ > 0) return conclude(state_.effort_done);
  state_.effort_done = false;
  state_.finished = false;
  return hand_out();
}

Result<ReadChunksCall::Pack> ReadChunksCall::next_pack(ReadPage& page) {
  Pack pack;
  std::vector<std::pair<std::size_t, Verdict>> known;
  const auto take = [&](const Passage& passage) {
    const auto number = find_chunk(snapshot(), passage.chunk_id);
    if (!number) return false;
    if (auto verdict = remembered(passage)) {
      known.emplace_back(passage.number, std::move(*verdict));
      return true;
    }
    FoundChunk chunk = describe_chunk(snapshot(), *number);
    chunk.text = passage.text;
    const bool fits = page.add_passage(chunk, pack.chunks.size() + 1);
    if (!fits) pack.too_large = chunk.tokens;
    if (fits) pack.chunks.push_back(std::move(chunk));
    return fits;
  };
  if (Status s = reading_->hand_out(take); !s) return s.error();
  for (const auto& [position, verdict] : known) reading_->take(position, verdict);
  pack.skipped = !known.empty();
  return pack;
}

Status ReadChunksCall::hand_out() {
  state_.usage.reader = kCaller;
  ReadPage page(snapshot(), *view_.tokens, request().max_tokens);
  add_notes(page);
  page.reserve_footer(footer_line("submit_readings", widest_cursor, page.tight()));
  page.add_line("Read each of these chunks for: " + state_.sought());
  Pack pack;
  do {
    auto next = next_pack(page);
    if (!next) return next.error();
    pack = std::move(next).value();
  } while (pack.chunks.empty() && pack.too_large == 0 && pack.skipped);
  if (pack.chunks.empty() && pack.too_large > 0) {
    return Error{ErrorKind::invalid_argument,
                 "max_tokens: " + std::to_string(request().max_tokens) +
                     " has no room for the next chunk to read, of " +
                     quantity(pack.too_large, "token") + "; give " +
                     std::to_string(pack.too_large + kAroundAChunk) + " or more"};
  }
  if (pack.chunks.empty()) return conclude(true);
  result_.coverage = reading_->coverage();
  result_.status = ReadChunksResult::Status::partial;
  result_.usage = state_.usage;
  result_.chunks = std::move(pack.chunks);
  result_.next = "submit_readings";
  return finish(page);
}

Status ReadChunksCall::take_readings(const std::vector<CallerReading>& readings) {
  for (const CallerReading& reading : readings) {
    const auto chunk = find_chunk(snapshot(), reading.chunk_id);
    if (!chunk && !parse_chunk_id(reading.chunk_id)) return chunk.error().within("readings");
    if (!chunk) {
      request().notes.push_back(reading.chunk_id + " is gone and was not counted");
      continue;
    }
    const auto judge = [&](const Passage& passage) {
      Verdict verdict = judge_quotes(passage, reading.sentences);
      if (options_.cache != nullptr) {
        const VerdictCache::Judged judged{cache_key(passage), &verdict};
        static_cast<void>(options_.cache->store({&judged, 1}));
      }
      return verdict;
    };
    const auto taken = reading_->submit(*chunk, judge);
    if (!taken) return taken.error().within("readings");
    if (*taken == Reading::Submitted::changed_since) {
      request().notes.push_back(reading.chunk_id + " has changed since you read it: read it again");
    } else if (*taken == Reading::Submitted::not_handed_out) {
      request().notes.push_back(reading.chunk_id + " was not handed out yet and was not counted");
    }
  }
  return {};
}

VerdictCache::Key ReadChunksCall::cache_key(const Passage& passage) const {
  return VerdictCache::key(
      VerdictCache::question_hash(kCaller, state_.sought(), snapshot().visibility()), passage.text);
}

std::optional<Verdict> ReadChunksCall::remembered(const Passage& passage) const {
  if (options_.cache == nullptr) return std::nullopt;
  return options_.cache->find(cache_key(passage), passage.text);
}

Status ReadChunksCall::conclude(bool effort_done) {
  state_.effort_done = effort_done;
  state_.finished = true;
  state_.usage.reader = kCaller;
  if (Status s = collect(); !s) return s;
  return lay_out(!effort_done && reading_->coverage().unread > 0);
}

}  // namespace callslip
