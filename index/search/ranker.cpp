#include "index/search/ranker.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "index/text/character_class.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

/// What a chunk of a generated, minified or vendored document is worth.
constexpr float kRankedDown = 0.6F;

/// What a chunk of prose is worth in a codebase, whose documentation is asked for less often than
/// the code and says more of a question's words. 1 up to half of the chunks being code, then less.
/// Of 50 questions about places in Linux 35 are found in the first ten at 1, 36 at 0.9, 41 at 0.8
/// and 0.7 (bench/place_recall).
float worth_of_prose(double code_share) {
  constexpr double kHalf = 0.5;
  constexpr double kNearlyAll = 0.9;
  constexpr double kLoss = 0.2;
  const double part = (code_share - kHalf) / (kNearlyAll - kHalf);
  return static_cast<float>(1 - kLoss * std::clamp(part, 0.0, 1.0));
}

using Lists = std::vector<std::shared_ptr<const PostingList>>;  // of one term, by segment

double inverse_document_frequency(double chunks, double holding) {
  double odds = (chunks - holding + 0.5) / (holding + 0.5);
  if (odds < 2) odds = odds * 0.5 + 1;
  return std::log(odds);
}

bool is_unspaced(const std::string& term) {
  return character_class(decode_utf8(term, 0).value) == CharacterClass::unspaced;
}

Result<Lists> lists_of(const Snapshot& snapshot, const std::string& term, std::uint64_t& holding) {
  Lists lists;
  holding = 0;
  for (const SegmentView& view : snapshot.segments()) {
    auto list = snapshot.postings(view, term);
    if (!list) return list.error();
    holding += (*list)->chunks.size();
    lists.push_back(std::move(list).value());
  }
  return lists;
}

/// The postings of all forms in a segment; in `merged` where there is more than one list.
const PostingList& together(const std::vector<Lists>& forms, std::size_t segment,
                            PostingList& merged) {
  const PostingList* list = forms[0][segment].get();
  for (std::size_t f = 1; f < forms.size(); ++f) {
    const PostingList& other = *forms[f][segment];
    if (other.chunks.empty()) continue;
    if (list->chunks.empty()) {
      list = &other;
      continue;
    }
    PostingList sum;
    std::size_t a = 0;
    std::size_t b = 0;
    while (a < list->chunks.size() || b < other.chunks.size()) {
      const bool from_a = b == other.chunks.size() ||
                          (a < list->chunks.size() && list->chunks[a] <= other.chunks[b]);
      const bool both = from_a && b < other.chunks.size() && list->chunks[a] == other.chunks[b];
      sum.chunks.push_back(from_a ? list->chunks[a] : other.chunks[b]);
      const unsigned frequency =
          (from_a ? list->frequencies[a] : 0U) + (both || !from_a ? other.frequencies[b] : 0U);
      sum.frequencies.push_back(static_cast<std::uint16_t>(std::min(frequency, 0xFFFFU)));
      if (from_a) ++a;
      if (both || !from_a) ++b;
    }
    merged = std::move(sum);
    list = &merged;
  }
  return *list;
}

/// A chunk's place in an order that no layout of segments changes.
struct Position {
  std::uint64_t document;
  std::uint64_t byte_start;
  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14
  friend auto operator<=>(const Position&, const Position&) = default;
};

Position position_of(const Snapshot& snapshot, ChunkNumber chunk) {
  return {snapshot.document(snapshot.document_of(chunk)).id, snapshot.chunk(chunk).byte_start};
}

bool is_code(const Snapshot& snapshot, ChunkNumber chunk) {
  return (snapshot.document(snapshot.document_of(chunk)).flags & DocumentRow::kCode) != 0;
}

}  // namespace

std::uint64_t scope_size(const Scope& scope) {
  std::uint64_t size = 0;
  for (const ChunkRange& range : scope) size += range.last - range.first;
  return size;
}

Result<double> term_weight(const Snapshot& snapshot, const std::string& term) {
  std::uint64_t holding = 0;
  const auto lists = lists_of(snapshot, term, holding);
  if (!lists) return lists.error();
  if (holding == 0) return 0.0;
  return inverse_document_frequency(static_cast<double>(snapshot.chunk_count()),
                                    static_cast<double>(holding));
}

Result<Ranking> rank(const Snapshot& snapshot, std::span<const WeightedTerm> terms,
                     const Scope& scope, std::size_t limit, Bm25 parameters) {
  Ranking ranking;
  if (snapshot.chunk_count() == 0) return ranking;
  // One accumulator a chunk: adding is a store, and the best are found in one pass at the end.
  thread_local std::vector<float> scores;
  scores.assign(snapshot.chunk_bound(), 0.0F);
  PostingList merged;
  for (std::size_t i = 0; i < terms.size();) {
    const std::size_t first = i++;
    while (terms[first].word != 0 && i < terms.size() && terms[i].word == terms[first].word) ++i;
    const double k1 = is_unspaced(terms[first].term) ? parameters.k1_unspaced : parameters.k1;
    const auto base = static_cast<float>(k1 * (1 - parameters.b));
    const auto slope = static_cast<float>(k1 * parameters.b / snapshot.average_length());
    std::vector<Lists> forms;
    std::uint64_t holding = 0;
    for (const WeightedTerm& form : terms.subspan(first, i - first)) {
      std::uint64_t holding_form = 0;
      auto lists = lists_of(snapshot, form.term, holding_form);
      if (!lists) return lists.error();
      if (holding_form > 0) forms.push_back(std::move(lists).value());
      holding += holding_form;
    }
    if (holding == 0) continue;
    holding = std::min(holding, snapshot.chunk_count());  // who holds two forms was counted twice
    const auto weight =
        static_cast<float>(terms[first].weight * (k1 + 1) *
                           inverse_document_frequency(static_cast<double>(snapshot.chunk_count()),
                                                      static_cast<double>(holding)));
    for (std::size_t s = 0; s < snapshot.segments().size(); ++s) {
      const SegmentView& view = snapshot.segments()[s];
      const PostingList& list = together(forms, s, merged);
      const std::uint32_t* lengths = view.segment->catalog().lengths().data();
      float* segment_scores = scores.data() + view.first_chunk;
      for (std::size_t p = 0; p < list.chunks.size(); ++p) {
        const std::uint32_t chunk = list.chunks[p];
        const auto frequency = static_cast<float>(list.frequencies[p]);
        const float norm = base + slope * static_cast<float>(lengths[chunk]);
        segment_scores[chunk] += weight * frequency / (frequency + norm);
      }
    }
  }
  for (const SegmentView& view : snapshot.segments()) {
    for (const RankedDown& range : view.segment->catalog().ranked_down()) {
      float* const first = scores.data() + view.first_chunk;
      std::for_each(first + range.first, first + range.last,
                    [&](float& score) { score *= kRankedDown; });
    }
  }

  const auto better = [&](const RankedChunk& a, const RankedChunk& b) {
    if (a.score != b.score) return a.score > b.score;
    return position_of(snapshot, a.chunk) < position_of(snapshot, b.chunk);
  };
  std::vector<RankedChunk>& heap = ranking.top;  // the worst of the best in front
  const float prose = worth_of_prose(snapshot.code_share());
  float threshold = 0;
  for (const ChunkRange& range : scope) {
    for (ChunkNumber chunk = range.first; chunk < range.last; ++chunk) {
      float score = scores[chunk];
      if (score <= 0) continue;
      ++ranking.matches;
      if (score < threshold || limit == 0) continue;
      if (prose < 1 && !is_code(snapshot, chunk)) score *= prose;
      if (score < threshold) continue;
      const RankedChunk candidate{chunk, score};
      if (heap.size() == limit) {
        if (!better(candidate, heap.front())) continue;
        std::pop_heap(heap.begin(), heap.end(), better);
        heap.back() = candidate;
      } else {
        heap.push_back(candidate);
      }
      std::push_heap(heap.begin(), heap.end(), better);
      if (heap.size() == limit) threshold = heap.front().score;
    }
  }
  std::sort_heap(heap.begin(), heap.end(), better);
  return ranking;
}

}  // namespace callslip
