#include "tools/evidence.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "index/hash.h"
#include "tools/near_duplicates.h"
#include "tools/sentence_scorer.h"
#include "tools/text_block.h"

namespace callslip {
namespace {

constexpr std::size_t kMaxFinalChunks = 200;
constexpr std::size_t kMaxQueryTerms = 500;  // of the relevant sentences
// Of a word of the question, beside one of those. bench/evidence_recall tells what others give.
constexpr double kQuestionWeight = 8;
constexpr double kQuestionWeightOfWords = 20;  // beside those of a reader of words alone
constexpr std::size_t kMinEvidenceTokens = 3;
constexpr std::size_t kMaxEvidenceTokens = 200;
constexpr std::size_t kMaxAlsoIn = 8;

constexpr double kStrongShare = 0.5;
constexpr double kUnknownShare = 1.0 / 3;

/// Whether a text nearly repeats that of another chunk.
Result<bool> is_copy(const Snapshot& snapshot, ChunkNumber chunk, const std::string& text) {
  auto other = snapshot.chunk_text(chunk);
  if (!other) return other.error();
  NearDuplicates pair;
  pair.find_or_add(*other);
  return pair.find_or_add(text).has_value();
}

}  // namespace

Result<std::vector<Evidence>> gather_evidence(const Snapshot& snapshot, const Reading& reading,
                                              const std::vector<RankedChunk>& order,
                                              const TokenCounter& counter) {
  std::vector<Evidence> all;
  std::unordered_map<std::uint64_t, std::size_t> by_text;
  for (const RankedChunk& ranked : order) {
    const std::vector<ByteSpan>& sentences = reading.sentences(ranked.chunk);
    if (sentences.empty()) continue;
    const auto text = snapshot.chunk_text(ranked.chunk);
    if (!text) return text.error();
    const FoundChunk chunk = describe_chunk(snapshot, ranked.chunk);
    for (ByteSpan span : sentences) {
      if (span.end > text->size() || span.start >= span.end) continue;
      std::string_view sentence = std::string_view(*text).substr(span.start, span.end - span.start);
      if (counter.count(sentence) < kMinEvidenceTokens) continue;
      sentence = cut_to_tokens(sentence, chunk.kind, kMaxEvidenceTokens, counter);
      span.end = span.start + sentence.size();
      // Copies of a text are said once, with the other places.
      const auto [known, fresh] = by_text.try_emplace(hash64(sentence), all.size());
      if (!fresh && all[known->second].text == sentence) {
        auto copied = is_copy(snapshot, all[known->second].chunk, *text);
        if (!copied) return copied.error();
        auto& also_in = all[known->second].also_in;
        if (*copied) {
          if (also_in.size() < kMaxAlsoIn) also_in.push_back(chunk.chunk_id);
          continue;
        }
      }
      all.push_back({std::string(sentence),
                     ranked.chunk,
                     chunk.chunk_id,
                     chunk.document,
                     chunk.uri,
                     locate(snapshot, ranked.chunk, *text, span),
                     {}});
    }
  }
  return all;
}

Result<std::vector<RankedChunk>> rank_by_evidence(const Snapshot& snapshot, const Reading& reading,
                                                  const std::string& query, const Scope& scope,
                                                  Trust trust) {
  const std::vector<ChunkNumber> relevant = reading.relevant();
  if (relevant.empty() && trust == Trust::full) return std::vector<RankedChunk>();
  std::string said;
  for (const ChunkNumber chunk : relevant) {
    const auto text = snapshot.chunk_text(chunk);
    if (!text) return text.error();
    for (const ByteSpan& span : reading.sentences(chunk)) {
      if (span.end <= text->size())
        said.append("\n").append(*text, span.start, span.end - span.start);
    }
  }
  const double question_weight = trust == Trust::full ? kQuestionWeight : kQuestionWeightOfWords;
  std::vector<WeightedTerm> terms;
  for (QueryTerm& term : query_terms(query, snapshot.languages())) {
    terms.push_back({std::move(term.term), question_weight * term.frequency, term.word});
  }
  const std::uint32_t words = terms.empty() ? 0 : terms.back().word;
  for (QueryTerm& term : query_terms(said, snapshot.languages())) {
    terms.push_back({std::move(term.term), static_cast<double>(std::min(term.frequency, 3U)),
                     words + term.word});
  }
  if (terms.size() > kMaxQueryTerms) {
    std::stable_sort(terms.begin(), terms.end(), [](const WeightedTerm& a, const WeightedTerm& b) {
      return a.weight > b.weight;
    });
    terms.resize(kMaxQueryTerms);
  }
  auto rest = rank(snapshot, terms, scope, kMaxFinalChunks + relevant.size());
  if (!rest) return rest.error();
  // A relevant chunk that no term ranks must not be lost.
  std::set<ChunkNumber> unranked(relevant.begin(), relevant.end());
  if (trust == Trust::some) {
    for (const RankedChunk& ranked : rest->top) unranked.erase(ranked.chunk);
    for (const ChunkNumber chunk : unranked) rest->top.push_back({chunk, 0});
    return std::move(rest->top);
  }
  Scope with_evidence;
  for (const ChunkNumber chunk : unranked) {
    with_evidence.push_back({chunk, chunk + 1});
  }
  auto first = rank(snapshot, terms, with_evidence, relevant.size());
  if (!first) return first.error();
  std::vector<RankedChunk> order = std::move(first->top);
  const std::set<ChunkNumber> taken(relevant.begin(), relevant.end());
  for (const RankedChunk& ranked : order) unranked.erase(ranked.chunk);
  for (const ChunkNumber chunk : unranked) order.push_back({chunk, 0});
  for (const RankedChunk& chunk : rest->top) {
    if (!taken.contains(chunk.chunk)) order.push_back(chunk);
  }
  return order;
}

Result<std::vector<std::string>> unknown_terms(const Snapshot& snapshot,
                                               const std::string& question) {
  const auto weighted = weigh_question(snapshot, question);
  if (!weighted) return weighted.error();
  std::set<std::string> unknown;
  for (const auto& term : weighted->terms) {
    if (!term.known) unknown.insert(term.term);
  }
  std::vector<std::string> words;
  if (unknown.empty()) return words;
  const auto is_space = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  for (std::size_t pos = 0; pos < question.size();) {
    const std::size_t start = pos;
    while (pos < question.size() && !is_space(question[pos])) ++pos;
    const std::string word = question.substr(start, pos - start);
    while (pos < question.size() && is_space(question[pos])) ++pos;
    const auto terms = query_terms(word, snapshot.languages());
    const auto is_unknown = [&](const QueryTerm& term) { return unknown.contains(term.term); };
    if (terms.empty() || std::none_of(terms.begin(), terms.end(), is_unknown)) continue;
    if (std::all_of(terms.begin(), terms.end(), is_unknown)) {
      const auto is_mark = [](char c) { return std::ispunct(static_cast<unsigned char>(c)) != 0; };
      std::string bare = word;
      while (!bare.empty() && is_mark(bare.back())) bare.pop_back();
      bare.erase(bare.begin(), std::find_if_not(bare.begin(), bare.end(), is_mark));
      words.push_back(std::move(bare));
      continue;
    }
    // Scripts that part no words, and compounds: what of it is unknown.
    for (const QueryTerm& term : terms) {
      if (is_unknown(term)) words.push_back(term.term);
    }
  }
  return words;
}

Result<EvidenceStrength> evidence_strength(const Snapshot& snapshot, const std::string& question,
                                           const std::vector<Evidence>& evidence, bool by_model) {
  if (evidence.empty()) return EvidenceStrength::none;
  const auto weighted = weigh_question(snapshot, question);
  if (!weighted) return weighted.error();
  if (weighted->total_weight <= 0) return EvidenceStrength::weak;
  if (by_model) {
    const double unknown = weighted->total_weight - weighted->known_weight;
    return unknown > kUnknownShare * weighted->total_weight ? EvidenceStrength::weak
                                                            : EvidenceStrength::strong;
  }
  SentenceScorer scorer(*weighted);
  std::map<ChunkNumber, std::uint64_t> held;
  for (const Evidence& item : evidence) {
    auto [terms, fresh] = held.try_emplace(item.chunk, 0);
    if (fresh) {
      const FoundChunk chunk = describe_chunk(snapshot, item.chunk);
      std::string around = chunk.document + "\n" + chunk.title;
      for (const std::string& heading : chunk.headings) around += "\n" + heading;
      terms->second = scorer.terms_in(around);
    }
    terms->second |= scorer.terms_in(item.text);
  }
  double best = 0;
  for (const auto& [chunk, terms] : held) best = std::max(best, scorer.weight_of(terms));
  return best >= kStrongShare * weighted->total_weight ? EvidenceStrength::strong
                                                       : EvidenceStrength::weak;
}

}  // namespace callslip
