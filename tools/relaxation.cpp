#include "tools/relaxation.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <unordered_set>

#include "index/analyzer.h"
#include "index/search/spelling.h"
#include "index/text/character_class.h"
#include "index/text/utf8.h"
#include "tools/search_terms.h"
#include "tools/text_block.h"

namespace callslip {
namespace {

constexpr std::size_t kMostWords = 256;  // of a query that are looked at one by one
constexpr std::size_t kMostMended = 6;   // terms of one query whose neighbours are sought
constexpr std::size_t kMostShown = 8;    // words in one note
constexpr std::size_t kLookedAt = 10;    // chunks
constexpr std::size_t kWholeQuery = 10;  // words that one chunk may hold
constexpr double kMendedWeight = 0.8;    // of a word that was guessed

/// A word of a text may be found by several terms (an identifier and its parts), and a term have
/// several forms, one a language.
using Forms = std::vector<std::string>;

struct Word {
  std::string_view text;
  std::vector<Forms> terms;
  bool unspaced = false;
};

/// Words as an identifier is one: letters, digits and underscores together.
std::vector<Word> words_of(std::string_view query, LanguageSet languages) {
  std::vector<Word> words;
  for (std::size_t at = 0; at < query.size() && words.size() < kMostWords;) {
    const std::size_t start = at;
    const CharacterClass first = character_class(decode_utf8(query, at).value);
    while (at < query.size()) {
      const CodePoint point = decode_utf8(query, at);
      if (character_class(point.value) != first) break;
      at += point.length;
    }
    if (first == CharacterClass::separator) continue;
    Word word{query.substr(start, at - start), {}, first == CharacterClass::unspaced};
    std::uint32_t last = 0;
    for (QueryTerm& term : query_terms(word.text, languages)) {
      if (word.terms.empty() || term.word != last || term.word == 0) word.terms.emplace_back();
      last = term.word;
      word.terms.back().push_back(std::move(term.term));
    }
    if (!word.terms.empty()) words.push_back(std::move(word));
  }
  return words;
}

bool has_parts(std::string_view word) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  return word.find('_') != std::string_view::npos ||
         std::any_of(word.begin() + 1, word.end(), is_upper);
}

std::string quoted_list(const std::vector<std::string>& words) {
  std::string list;
  for (std::size_t i = 0; i < std::min(words.size(), kMostShown); ++i) {
    list += (i == 0 ? "\"" : ", \"") + on_its_line(words[i]) + "\"";
  }
  if (words.size() > kMostShown) {
    list += " and " + std::to_string(words.size() - kMostShown) + " more";
  }
  return list;
}

void add_once(std::vector<std::string>& words, std::string_view word) {
  if (std::find(words.begin(), words.end(), word) == words.end()) words.emplace_back(word);
}

using Lists = std::vector<std::shared_ptr<const PostingList>>;  // of one term, by segment

Result<Lists> lists_of(const Snapshot& snapshot, const std::string& term) {
  Lists lists;
  for (const SegmentView& view : snapshot.segments()) {
    auto list = snapshot.postings(view, term);
    if (!list) return list.error();
    lists.push_back(std::move(list).value());
  }
  return lists;
}

bool is_known(const Lists& lists) {
  return std::any_of(lists.begin(), lists.end(),
                     [](const auto& list) { return !list->chunks.empty(); });
}

bool holds(const Snapshot& snapshot, const Lists& lists, ChunkNumber chunk) {
  const auto views = snapshot.segments();
  std::size_t s = views.size();
  while (s > 0 && views[s - 1].first_chunk > chunk) --s;
  if (s == 0) return false;
  const auto& chunks = lists[s - 1]->chunks;
  return std::binary_search(chunks.begin(), chunks.end(), chunk - views[s - 1].first_chunk);
}

/// The words that say something, each once, with what each is worth.
struct WeighedWord {
  Word word;
  std::vector<std::vector<Lists>> lists;  // of each form of each term
  double weight = 0;
};

Result<std::vector<WeighedWord>> weigh_words(const Snapshot& snapshot, std::string_view query) {
  const double rarest = std::log(static_cast<double>(snapshot.chunk_count()) + 1.0);
  std::vector<WeighedWord> weighed;
  for (Word& word : words_of(query, snapshot.languages())) {
    const bool light = std::all_of(word.terms.begin(), word.terms.end(), [](const Forms& forms) {
      return std::any_of(forms.begin(), forms.end(), is_light_term);
    });
    if (light) continue;
    if (std::any_of(weighed.begin(), weighed.end(),
                    [&](const WeighedWord& each) { return each.word.terms == word.terms; })) {
      continue;
    }
    WeighedWord one;
    // A word of several terms (an identifier, a run of letters without spaces) is its rarest.
    for (const Forms& forms : word.terms) {
      double commonest = 0;
      one.lists.emplace_back();
      for (const std::string& form : forms) {
        auto lists = lists_of(snapshot, form);
        if (!lists) return lists.error();
        const auto weight = term_weight(snapshot, form);
        if (!weight) return weight.error();
        if (*weight > 0) commonest = commonest > 0 ? std::min(commonest, *weight) : *weight;
        one.lists.back().push_back(std::move(lists).value());
      }
      one.weight = std::max(one.weight, commonest);
    }
    if (one.weight == 0) one.weight = rarest;
    one.word = std::move(word);
    weighed.push_back(std::move(one));
  }
  return weighed;
}

/// How much of a word a chunk holds. Of a run without spaces any pair may join two words: the share
/// of its pairs counts.
double part_held(const Snapshot& snapshot, const WeighedWord& word, ChunkNumber chunk) {
  const auto found = std::count_if(word.lists.begin(), word.lists.end(), [&](const auto& forms) {
    return std::any_of(forms.begin(), forms.end(),
                       [&](const Lists& lists) { return holds(snapshot, lists, chunk); });
  });
  if (!word.word.unspaced) return found > 0 ? 1 : 0;
  return static_cast<double>(found) / static_cast<double>(word.lists.size());
}

}  // namespace

bool QueryCover::weak() const {
  // No chunk holds most of a long description, of whatever it is.
  const auto count = static_cast<double>(std::max(words, kWholeQuery));
  return share < weak_cover * static_cast<double>(kWholeQuery) / count;
}

const char* relaxation_name(Relaxation::Kind kind) {
  switch (kind) {
    case Relaxation::Kind::missing:
      return "missing";
    case Relaxation::Kind::spelling:
      return "spelling";
    case Relaxation::Kind::weak:
      return "weak";
    case Relaxation::Kind::exact:
      return "exact";
    case Relaxation::Kind::documents:
      return "documents";
  }
  return "missing";
}

Result<std::vector<Relaxation>> mend_words(const Snapshot& snapshot, std::string_view query,
                                           std::vector<WeightedTerm>& terms) {
  std::unordered_set<std::string> unknown;
  for (const WeightedTerm& term : terms) {
    const auto lists = lists_of(snapshot, term.term);
    if (!lists) return lists.error();
    if (!is_known(*lists)) unknown.insert(term.term);
  }
  std::vector<Relaxation> relaxed;
  if (unknown.empty() || snapshot.chunk_count() == 0) return relaxed;
  const auto is_unknown = [&](const Forms& forms) {
    return std::all_of(forms.begin(), forms.end(),
                       [&](const std::string& form) { return unknown.contains(form); });
  };
  std::vector<std::string> missing;
  std::vector<std::string> mended;
  std::size_t sought = 0;
  for (const Word& word : words_of(query, snapshot.languages())) {
    const auto count = std::count_if(word.terms.begin(), word.terms.end(), is_unknown);
    // N-grams are no words; and an identifier that is not there, but its parts are, is left alone.
    if (count == 0 || word.unspaced) continue;
    const bool whole = static_cast<std::size_t>(count) == word.terms.size();
    const bool in_parts = has_parts(word.text) && word.terms.size() > 2 && count > 1;
    if (!whole && !in_parts) continue;
    if (std::find(missing.begin(), missing.end(), word.text) != missing.end() ||
        std::find(mended.begin(), mended.end(), word.text) != mended.end()) {
      continue;
    }
    std::optional<CloseTerm> best;
    for (const Forms& forms : word.terms) {
      if (!is_unknown(forms)) continue;
      for (const std::string& form : forms) {
        if (sought++ >= kMostMended) break;
        const auto close = closest_term(snapshot, form);
        if (!close) return close.error();
        if (*close && (!best || (*close)->distance < best->distance)) best = *close;
      }
    }
    if (!best) {
      if (whole) add_once(missing, word.text);
      continue;
    }
    auto instead = word_of_term(snapshot, best->term);
    if (!instead) return instead.error();
    const bool there = std::any_of(terms.begin(), terms.end(),
                                   [&](const auto& term) { return term.term == best->term; });
    if (!there) terms.push_back({best->term, kMendedWeight});
    mended.emplace_back(word.text);
    Relaxation spelling;
    spelling.kind = Relaxation::Kind::spelling;
    spelling.words = {mended.back()};
    spelling.instead = std::move(instead).value();
    spelling.note = "no chunk has " + quoted_list(spelling.words) + ": searched for \"" +
                    on_its_line(spelling.instead) + "\" instead";
    relaxed.push_back(std::move(spelling));
  }
  if (!missing.empty()) {
    Relaxation none;
    none.words = std::move(missing);
    none.note = "no chunk has " + quoted_list(none.words);
    relaxed.push_back(std::move(none));
  }
  return relaxed;
}

std::string mended_query(std::string_view query, const std::vector<Relaxation>& relaxed) {
  std::string mended(query);
  for (const Relaxation& each : relaxed) {
    if (each.kind != Relaxation::Kind::spelling) continue;
    const std::size_t at = mended.find(each.words.front());
    if (at != std::string::npos) mended.replace(at, each.words.front().size(), each.instead);
  }
  return mended;
}

Result<QueryCover> cover_of(const Snapshot& snapshot, std::string_view query,
                            const std::vector<RankedChunk>& best, double enough) {
  QueryCover cover;
  const auto words = weigh_words(snapshot, query);
  if (!words) return words.error();
  double total = 0;
  for (const WeighedWord& word : *words) total += word.weight;
  if (total == 0 || best.empty()) return cover;
  cover.share = -1;
  cover.words = words->size();
  for (std::size_t i = 0; i < std::min(best.size(), kLookedAt) && cover.share < enough; ++i) {
    double held = 0;
    std::vector<std::string> lacking;
    for (const WeighedWord& word : *words) {
      const double part = part_held(snapshot, word, best[i].chunk);
      held += word.weight * part;
      if (part == 0) lacking.emplace_back(word.word.text);
    }
    if (held / total <= cover.share) continue;
    cover.share = held / total;
    cover.lacking = std::move(lacking);
  }
  return cover;
}

Result<std::vector<Relaxation>> weak_match(const Snapshot& snapshot, std::string_view query,
                                           const std::vector<std::string>& keywords,
                                           const std::vector<RankedChunk>& best) {
  std::vector<Relaxation> relaxed;
  for (const std::string& keyword : keywords) {
    const auto cover = cover_of(snapshot, keyword, best, 1);
    if (!cover) return cover.error();
    if (cover->share >= 1) return relaxed;
  }
  auto cover = cover_of(snapshot, query, best, weak_cover);
  if (!cover) return cover.error();
  if (!cover->weak() || cover->lacking.empty()) return relaxed;
  Relaxation weak;
  weak.kind = Relaxation::Kind::weak;
  weak.words = std::move(cover->lacking);
  weak.note = "weak matches only: no chunk has more than a part of the query; the best lacks " +
              quoted_list(weak.words);
  relaxed.push_back(std::move(weak));
  return relaxed;
}

Relaxation other_documents(std::uint64_t matches) {
  Relaxation relaxation;
  relaxation.kind = Relaxation::Kind::documents;
  relaxation.note = "nothing matches in the documents asked for; " + quantity(matches, "chunk") +
                    " of others " + (matches == 1 ? "does" : "do");
  return relaxation;
}

}  // namespace callslip
