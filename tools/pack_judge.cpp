#include "tools/pack_judge.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <unordered_set>

#include "index/text/sentences.h"
#include "index/text/utf8_steps.h"
#include "tools/folded_text.h"
#include "tools/quote_locator.h"

namespace callslip {
namespace {

// What is beyond these is a model that repeats itself, or makes things up.
constexpr std::size_t most_own = 64;         // quotes of one passage
constexpr std::size_t least_elsewhere = 64;  // quotes that may be looked for in all passages
constexpr std::size_t elsewhere_per_passage = 4;
constexpr std::size_t most_parts = 32;

std::string letters_of(std::string_view text) { return squeeze_text(fold_text(text)).bytes; }

/// A quote with what is looked for in many passages made once.
class Quote {
 public:
  explicit Quote(std::string_view text) : words_(utf8::trim(text)) {
    for (const std::string_view part : quote_parts(without_list_mark(text))) {
      if (parts_.size() == most_parts) break;
      parts_.push_back(letters_of(part));
    }
  }

  std::string_view words() const { return words_; }
  const std::vector<std::string>& parts() const { return parts_; }

 private:
  const std::string_view words_;
  std::vector<std::string> parts_;  // their letters
};

/// A passage with its sentences, split when first asked for: most passages are never quoted.
class Quoted {
 public:
  explicit Quoted(const Passage& passage) : passage_(passage) {}

  bool holds(std::string_view words) const {
    return passage_.text.find(words) != std::string::npos;
  }

  /// Where it does not, locate() finds nothing.
  bool may_hold(const Quote& quote) {
    if (!letters_) letters_ = letters_of(passage_.text);
    return std::any_of(quote.parts().begin(), quote.parts().end(), [this](const auto& part) {
      return letters_->find(part) != std::string::npos;
    });
  }

  QuoteMatch locate(const std::string& quote) {
    if (!locator_) {
      sentences_ = split_sentences(passage_.text, passage_.kind);
      locator_ = std::make_unique<QuoteLocator>(passage_.text, sentences_);
    }
    QuoteMatch match = locator_->locate(quote);
    const std::string_view bare = without_list_mark(quote);
    return match.found() || bare.size() == quote.size() ? match : locator_->locate(bare);
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
  std::optional<std::string> letters_;
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

/// The passages of a pack, and how much may still be searched in them.
class Search {
 public:
  explicit Search(std::span<const Passage> passages)
      : passages_(passages.begin(), passages.end()),
        most_elsewhere_(std::max(least_elsewhere, elsewhere_per_passage * passages.size())) {}

  std::vector<Quoted>& passages() { return passages_; }
  std::size_t searches() const { return searches_; }

  /// Finds the passage that holds each quote, the one at `own` before the others. How many parts
  /// of them no passage holds.
  std::size_t place(std::optional<std::size_t> own, std::span<const std::string> quotes) {
    std::size_t rejected = 0;
    std::unordered_set<std::string_view> seen;
    for (const std::string& quote : quotes) {
      if (own && seen.size() == most_own && !seen.contains(quote)) {
        ++rejected;
      } else if (seen.insert(quote).second) {
        rejected += place(own, quote);
      }
    }
    return rejected;
  }

  std::size_t place(std::optional<std::size_t> own, const std::string& text) {
    const Quote quote(text);
    std::size_t rejected = quote.parts().empty() ? 0 : 1;
    const auto taken = [&](std::size_t i) {
      ++searches_;
      const QuoteMatch match = passages_[i].locate(text);
      // What stands there, but is too short to be evidence, was not made up.
      rejected = std::min(rejected, match.rejected);
      if (match.found()) passages_[i].take(match);
      return match.found();
    };
    if (own) {
      Quoted& said = passages_[*own];
      // Mostly it is there as it is.
      if ((said.holds(quote.words()) || said.may_hold(quote)) && taken(*own)) return 0;
    }
    std::size_t& lookups = own ? keyed_lookups_ : loose_lookups_;
    std::size_t& searches = own ? keyed_searches_ : loose_searches_;
    if (lookups < most_elsewhere_) {
      ++lookups;
      std::vector<std::size_t> candidates;
      for (std::size_t i = 0; i < passages_.size(); ++i) {
        if (own != i && passages_[i].may_hold(quote)) candidates.push_back(i);
      }
      std::stable_partition(candidates.begin(), candidates.end(),
                            [&](std::size_t i) { return passages_[i].holds(quote.words()); });
      for (const std::size_t i : candidates) {
        if (searches == most_elsewhere_) break;
        ++searches;
        if (taken(i)) return 0;
      }
    }
    return is_comment(text) ? 0 : rejected;
  }

 private:
  std::vector<Quoted> passages_;
  const std::size_t most_elsewhere_;
  // Of quotes in passages that are not said to be theirs.
  std::size_t keyed_lookups_ = 0;
  std::size_t loose_lookups_ = 0;
  std::size_t keyed_searches_ = 0;
  std::size_t loose_searches_ = 0;
  std::size_t searches_ = 0;
};

}  // namespace

PackVerdicts judge_pack(std::span<const Passage> passages, const PackReply& reply) {
  Search search(passages);
  std::vector<Quoted>& quoted = search.passages();
  PackVerdicts verdicts;
  verdicts.by_passage.resize(passages.size());
  verdicts.rejected_quotes = search.place(std::nullopt, reply.loose.quotes);
  for (std::size_t i = 0; i < reply.by_passage.size(); ++i) {
    if (!reply.by_passage[i]) continue;
    const ReaderReply& said = *reply.by_passage[i];
    const std::size_t rejected = search.place(i, said.quotes);
    // What stands beside "None" are reasons.
    if (!said.says_none || quoted[i].found()) quoted[i].reject(rejected);
  }
  verdicts.searches = search.searches();
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
  Search search({&passage, 1});
  const std::size_t rejected = search.place(0, quotes);
  search.passages()[0].reject(rejected);
  return search.passages()[0].verdict();
}

}  // namespace callslip
