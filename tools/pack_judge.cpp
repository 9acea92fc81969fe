#include "tools/pack_judge.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include "index/sentences.h"
#include "index/utf8_steps.h"
#include "tools/quote_locator.h"

namespace callslip {
namespace {

/// A passage with its sentences, split when first asked for: most passages are never quoted.
class Quoted {
 public:
  explicit Quoted(const Passage& passage) : passage_(passage) {}

  bool holds(std::string_view quote) const {
    return passage_.text.find(quote) != std::string::npos;
  }

  QuoteMatch locate(const std::string& quote) {
    if (!locator_) {
      sentences_ = split_sentences(passage_.text, passage_.kind);
      locator_ = std::make_unique<QuoteLocator>(passage_.text, sentences_);
    }
    const QuoteMatch match = locator_->locate(quote);
    return match.found() ? match : locator_->locate(without_list_mark(quote));
  }

  void take(const QuoteMatch& match) {
    found_.insert(found_.end(), match.sentences.begin(), match.sentences.end());
    rejected_ += match.rejected;
  }

  void reject(std::size_t quotes) { rejected_ += quotes; }

  Verdict verdict() {
    Verdict verdict;
    std::sort(found_.begin(), found_.end(),
              [](ByteSpan a, ByteSpan b) { return a.start < b.start; });
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    if (!found_.empty()) verdict.kind = Verdict::Kind::relevant;
    verdict.sentences = std::move(found_);
    verdict.rejected_quotes = rejected_;
    return verdict;
  }

  bool found() const { return !found_.empty(); }

 private:
  const Passage& passage_;
  std::vector<ByteSpan> sentences_;
  std::unique_ptr<QuoteLocator> locator_;
  std::vector<ByteSpan> found_;
  std::size_t rejected_ = 0;
};

/// "Relevant sentences:" is no quote.
bool is_comment(std::string_view quote) {
  quote = utf8::trim(quote);
  return quote.empty() || quote.back() == ':';
}

/// Finds the passage that holds the quote, the one at `own` before the others. How many parts of
/// it no passage holds.
std::size_t place(std::vector<Quoted>& passages, std::optional<std::size_t> own,
                  const std::string& quote) {
  std::size_t rejected = 1;
  const auto taken = [&](std::size_t i) {
    const QuoteMatch match = passages[i].locate(quote);
    // What stands there, but is too short to be evidence, was not made up.
    rejected = std::min(rejected, match.rejected);
    if (match.found()) passages[i].take(match);
    return match.found();
  };
  if (own && taken(*own)) return 0;
  const std::string_view words = utf8::trim(quote);
  for (const bool exact : {true, false}) {
    for (std::size_t i = 0; i < passages.size(); ++i) {
      if (own != i && (!exact || passages[i].holds(words)) && taken(i)) return 0;
    }
  }
  return is_comment(quote) ? 0 : rejected;
}

}  // namespace

PackVerdicts judge_pack(std::span<const Passage> passages, const PackReply& reply) {
  std::vector<Quoted> quoted(passages.begin(), passages.end());
  PackVerdicts verdicts;
  verdicts.by_passage.resize(passages.size());
  for (const std::string& quote : reply.loose.quotes) {
    verdicts.rejected_quotes += place(quoted, std::nullopt, quote);
  }
  for (std::size_t i = 0; i < reply.by_passage.size(); ++i) {
    if (!reply.by_passage[i]) continue;
    const ReaderReply& said = *reply.by_passage[i];
    std::size_t rejected = 0;
    for (const std::string& quote : said.quotes) rejected += place(quoted, i, quote);
    // What stands beside "None" are reasons.
    if (!said.says_none || quoted[i].found()) quoted[i].reject(rejected);
  }
  const bool any =
      std::any_of(quoted.begin(), quoted.end(), [](const Quoted& q) { return q.found(); });
  if (reply.loose.says_none && !any) verdicts.rejected_quotes = 0;
  const bool all_judged = !reply.keyed() && (any || reply.loose.says_none);
  for (std::size_t i = 0; i < passages.size(); ++i) {
    const bool named = i < reply.by_passage.size() && reply.by_passage[i].has_value();
    if (all_judged || named || quoted[i].found()) verdicts.by_passage[i] = quoted[i].verdict();
  }
  return verdicts;
}

Verdict judge_quotes(const Passage& passage, std::span<const std::string> quotes) {
  std::vector<Quoted> quoted;
  quoted.emplace_back(passage);
  std::size_t rejected = 0;
  for (const std::string& quote : quotes) rejected += place(quoted, 0, quote);
  quoted[0].reject(rejected);
  return quoted[0].verdict();
}

}  // namespace callslip
