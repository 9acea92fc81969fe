#include "tools/pack_reading.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "tools/pack_judge.h"
#include "tools/pack_reply.h"
#include "tools/prompts.h"

namespace callslip {
namespace {

constexpr std::uint64_t kMostReplyTokens = 2048;
constexpr std::uint64_t kLeastReplyTokens = 64;
constexpr std::size_t kMostCrowded = 8;
constexpr std::uint64_t kLeastGuess = 512;  // of a window that nobody tells

/// Of prompts' own words and of names: a token has about four bytes, and seldom less than two.
std::uint64_t tokens_of_bytes(std::uint64_t bytes) { return bytes / 3 + 1; }

bool is_refusal(const Error& error) {
  return error.message.starts_with("HTTP 400") || error.message.starts_with("HTTP 413") ||
         error.message.starts_with("HTTP 422");
}

}  // namespace

std::uint64_t ContextWindow::reply_tokens() const {
  return std::clamp(tokens() / 4, kLeastReplyTokens, kMostReplyTokens);
}

std::uint64_t ContextWindow::room(const std::string& question) const {
  const std::uint64_t taken = reply_tokens() + overhead(question);
  return tokens() - std::min(tokens(), taken);
}

std::uint64_t ContextWindow::overhead(const std::string& question) {
  return tokens_of_bytes(read_prompt_overhead(question));
}

std::uint64_t ContextWindow::tokens_of(const Passage& passage) {
  return passage.tokens + tokens_of_bytes(passage_overhead(passage));
}

std::uint64_t ContextWindow::tokens_of_text(std::string_view text) {
  const auto ascii = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char byte) { return byte < 0x80; }));
  // A character of three bytes may be a token or two.
  return ascii * 2 < text.size() ? text.size() / 2 + 1 : tokens_of_bytes(text.size());
}

void ContextWindow::learn_from(const Overflow& overflow, std::uint64_t refused_tokens) {
  const std::uint64_t told =
      overflow.window.value_or(std::max(kLeastGuess, refused_tokens - refused_tokens / 4));
  // Other reads learn at the same time.
  std::uint64_t known = tokens_;
  while (told < known && !tokens_.compare_exchange_weak(known, told)) {
  }
}

PackReading::PackReading(Setting setting, const std::string& question, PassageSource& source,
                         std::uint64_t max_calls, const Reader::OnVerdict& on_verdict)
    : setting_(std::move(setting)),
      question_(question),
      source_(source),
      max_calls_(max_calls),
      on_verdict_(on_verdict) {}

std::optional<std::size_t> PackReading::next() {
  if (!waiting_.empty()) {
    Pack pack = std::move(waiting_.front());
    waiting_.pop_front();
    return add(std::move(pack));
  }
  Pack pack;
  const std::uint64_t room = setting_.window.room(question_);
  std::uint64_t taken = 0;
  while (pack.passages.size() < most_passages) {
    if (!held_ && !source_ended_) held_ = source_.next();
    if (!held_) {
      source_ended_ = true;
      break;
    }
    const std::uint64_t tokens = ContextWindow::tokens_of(*held_);
    // One that does not fit by itself is tried: the count is on the high side.
    if (!pack.passages.empty() && taken + tokens > room) break;
    taken += tokens;
    pack.passages.push_back(std::move(*held_));
    held_.reset();
  }
  if (pack.passages.empty()) return std::nullopt;
  return add(std::move(pack));
}

std::optional<std::size_t> PackReading::add(Pack pack) {
  packs_.emplace(requests_, std::move(pack));
  return requests_++;
}

bool PackReading::may_call() {
  if (calls_ >= max_calls_) {
    bound_ = "the bound of " + std::to_string(max_calls_) + " calls for one read";
    return false;
  }
  if (setting_.may_call && !setting_.may_call()) {
    bound_ = "the bound of calls for one day";
    return false;
  }
  ++calls_;
  return true;
}

void PackReading::not_called() {
  --calls_;
  bound_.clear();
  if (setting_.not_called) setting_.not_called();
}

std::string PackReading::body(std::size_t request) {
  Pack& pack = packs_.at(request);
  pack.form = setting_.chat.form();
  pack.reply_tokens = setting_.window.reply_tokens();
  return setting_.chat.body(read_prompt(question_, pack.passages), pack.passages.size(),
                            pack.reply_tokens, pack.repeated, pack.form);
}

ModelWork::Next PackReading::take(std::size_t request, const Result<ModelReply>& reply) {
  Pack& pack = packs_.at(request);
  if (!reply.ok()) return take_failure(request, pack, reply.error());
  answered_ = true;
  const bool halved = reply->cut_off && pack.passages.size() > 1;
  if (halved) {
    halve(pack);
    packs_.erase(request);
    return Next::done;
  }
  PackVerdicts verdicts =
      judge_pack(pack.passages, parse_pack_reply(reply->text, pack.passages.size()));
  const bool any = std::any_of(verdicts.by_passage.begin(), verdicts.by_passage.end(),
                               [](const auto& verdict) { return verdict.has_value(); });
  const bool again = !std::exchange(pack.repeated, true);
  // What is asked for again is not counted twice.
  std::size_t rejected = any || !again ? verdicts.rejected_quotes : 0;
  Pack missing;
  missing.repeated = true;
  for (std::size_t i = 0; i < pack.passages.size(); ++i) {
    std::optional<Verdict>& verdict = verdicts.by_passage[i];
    if (!verdict && again) {
      missing.passages.push_back(std::move(pack.passages[i]));
      continue;
    }
    if (!verdict) {
      verdict.emplace();
      verdict->kind = Verdict::Kind::failed;
      verdict->reason = reply->cut_off ? "the model used up its tokens before it replied"
                                       : "no verdict in the model's reply";
    }
    verdict->rejected_quotes += std::exchange(rejected, 0);
    on_verdict_(pack.passages[i].number, *verdict);
  }
  source_.reply_judged();
  if (!missing.passages.empty()) waiting_.push_back(std::move(missing));
  packs_.erase(request);
  return Next::done;
}

bool PackReading::learn(std::size_t request, const Error& refusal) {
  return setting_.chat.learn(refusal, packs_.at(request).form);
}

ModelWork::Next PackReading::take_failure(std::size_t request, Pack& pack, const Error& error) {
  // Alone it may fit: each time fewer calls are under way.
  const bool crowded = error.message.find(shared_window_full) != std::string::npos;
  if (crowded && pack.passages.size() == 1 && ++pack.crowded <= kMostCrowded) return Next::again;
  const auto overflow = told_overflow(error.message);
  if (overflow) {
    std::uint64_t refused = pack.reply_tokens + ContextWindow::overhead(question_);
    for (const Passage& passage : pack.passages) refused += ContextWindow::tokens_of(passage);
    setting_.window.learn_from(*overflow, refused);
  }
  // A refusal of all may be due to one; but where nothing was answered yet, it is due to none.
  const bool halved = pack.passages.size() > 1 && (overflow || (answered_ && is_refusal(error)));
  if (halved) {
    halve(pack);
  } else {
    fail(pack, error.message);
  }
  packs_.erase(request);
  return Next::done;
}

void PackReading::halve(Pack& pack) {
  const auto middle =
      pack.passages.begin() + static_cast<std::ptrdiff_t>((pack.passages.size() + 1) / 2);
  Pack second;
  second.repeated = pack.repeated;
  second.passages.assign(std::make_move_iterator(middle),
                         std::make_move_iterator(pack.passages.end()));
  Pack first;
  first.repeated = pack.repeated;
  first.passages.assign(std::make_move_iterator(pack.passages.begin()),
                        std::make_move_iterator(middle));
  waiting_.push_back(std::move(first));
  waiting_.push_back(std::move(second));
}

void PackReading::fail(const Pack& pack, const std::string& reason) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::failed;
  verdict.reason = reason;
  for (const Passage& passage : pack.passages) on_verdict_(passage.number, verdict);
}

}  // namespace callslip
