#include "index/search/spelling.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "index/analyzer.h"
#include "index/search/fuzzy_word.h"
#include "index/text/character_class.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::size_t kMostLetters = 32;     // longer ones are no words
constexpr std::size_t kMostSteps = 20'000;   // over the dictionaries, in one search
constexpr std::size_t kMostCandidates = 12;  // whose posting lists are counted

/// How many letters; 0 when there is anything else.
std::size_t letters_of(const std::string& term) {
  std::size_t letters = 0;
  for (std::size_t at = 0; at < term.size(); ++letters) {
    const CodePoint point = decode_utf8(term, at);
    if (character_class(point.value) != CharacterClass::letter) return 0;
    if (point.value == '_' || (point.value >= '0' && point.value <= '9')) return 0;
    at += point.length;
  }
  return letters;
}

Result<std::uint64_t> living_chunks(const Snapshot& snapshot, const std::string& term) {
  std::uint64_t chunks = 0;
  for (const SegmentView& view : snapshot.segments()) {
    const auto list = snapshot.postings(view, term);
    if (!list) return list.error();
    chunks += (*list)->chunks.size();
  }
  return chunks;
}

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0;
}

}  // namespace

Result<std::optional<CloseTerm>> closest_term(const Snapshot& snapshot, const std::string& term) {
  const std::size_t letters = letters_of(term);
  const std::size_t most = letters > kMostLetters ? 0 : spelling_tolerance(letters);
  if (most == 0) return std::optional<CloseTerm>();
  std::unordered_map<std::string, CloseTerm> close;
  std::size_t steps = kMostSteps;
  for (const SegmentView& view : snapshot.segments()) {
    auto found = view.segment->terms_close_to(FuzzyWord(term, most), steps);
    if (!found) return found.error();
    for (CloseTerm& each : *found) {
      CloseTerm& sum = close[each.term];
      sum.distance = each.distance;
      sum.chunks += each.chunks;
    }
  }
  std::vector<CloseTerm> candidates;
  for (auto& [text, candidate] : close) {
    candidate.term = text;
    if (letters_of(text) > 0) candidates.push_back(std::move(candidate));
  }
  std::sort(candidates.begin(), candidates.end(), [](const CloseTerm& a, const CloseTerm& b) {
    if (a.distance != b.distance) return a.distance < b.distance;
    return a.chunks != b.chunks ? a.chunks > b.chunks : a.term < b.term;
  });
  if (candidates.size() > kMostCandidates) candidates.resize(kMostCandidates);
  // What is dead or hidden must not show: the dictionaries know more than the snapshot.
  std::optional<CloseTerm> best;
  for (CloseTerm& candidate : candidates) {
    const auto chunks = living_chunks(snapshot, candidate.term);
    if (!chunks) return chunks.error();
    candidate.chunks = *chunks;
    if (*chunks == 0 || (best && candidate.distance > best->distance)) continue;
    if (!best || *chunks > best->chunks) best = candidate;
  }
  return best;
}

Result<std::string> word_of_term(const Snapshot& snapshot, const std::string& term) {
  for (const SegmentView& view : snapshot.segments()) {
    const auto list = snapshot.postings(view, term);
    if (!list) return list.error();
    if ((*list)->chunks.empty()) continue;
    const auto text = snapshot.chunk_text(view.first_chunk + (*list)->chunks.front());
    if (!text) return text.error();
    // Of the words with this stem the shortest, which says nothing more than what was meant.
    std::string shortest;
    for (std::size_t at = 0; at < text->size(); ++at) {
      const std::size_t start = at;
      while (at < text->size() && is_word_byte((*text)[at])) ++at;
      const std::string_view word = std::string_view(*text).substr(start, at - start);
      if (word.empty() || (!shortest.empty() && word.size() >= shortest.size())) continue;
      const auto terms = query_terms(word, snapshot.languages());
      const bool is_form = std::any_of(terms.begin(), terms.end(), [&](const QueryTerm& each) {
        return each.word == terms.front().word && each.term == term;
      });
      if (is_form) shortest = word;
    }
    if (!shortest.empty()) return shortest;
    break;  // it stands in the title or in a part of an identifier
  }
  return term;
}

}  // namespace callslip
