#include "index/literal_search.h"

#include <algorithm>

#include "index/analyzer.h"

namespace callslip {
namespace {

/// The part of a literal whose words are whole in any text that holds it: what stands between its
/// first and its last white space.
std::string_view whole_words(std::string_view literal) {
  const std::size_t first = literal.find_first_of(" \t\n");
  const std::size_t last = literal.find_last_of(" \t\n");
  if (first == std::string_view::npos || last <= first) return {};
  return literal.substr(first, last - first);
}

/// Those of `candidates` (ascending) that hold the term.
Result<std::vector<ChunkNumber>> holding_term(const Snapshot& snapshot, const std::string& term,
                                              const std::vector<ChunkNumber>* candidates) {
  std::vector<ChunkNumber> holding;
  for (const SegmentView& view : snapshot.segments()) {
    const auto list = snapshot.postings(view, term);
    if (!list) return list.error();
    for (const std::uint32_t chunk : (*list)->chunks) holding.push_back(view.first_chunk + chunk);
  }
  if (candidates == nullptr) return holding;
  std::vector<ChunkNumber> both;
  std::set_intersection(holding.begin(), holding.end(), candidates->begin(), candidates->end(),
                        std::back_inserter(both));
  return both;
}

}  // namespace

Result<std::vector<ChunkNumber>> chunks_holding(const Snapshot& snapshot,
                                                const std::string& literal, const Scope& scope,
                                                const std::stop_token& stop) {
  std::vector<ChunkNumber> candidates;
  bool narrowed = false;
  for (const QueryTerm& term : query_terms(whole_words(literal))) {
    auto fewer = holding_term(snapshot, term.term, narrowed ? &candidates : nullptr);
    if (!fewer) return fewer.error();
    candidates = std::move(fewer).value();
    narrowed = true;
  }
  std::vector<ChunkNumber> found;
  auto next = candidates.cbegin();
  for (const ChunkRange& range : scope) {
    for (ChunkNumber chunk = range.first; chunk < range.last; ++chunk) {
      if (narrowed) {
        next = std::lower_bound(next, candidates.cend(), chunk);
        if (next == candidates.cend() || *next >= range.last) break;
        chunk = *next;
      }
      if (stop.stop_requested()) return Error{ErrorKind::cancelled, "cancelled"};
      const auto text = snapshot.chunk_text(chunk);
      if (!text) return text.error();
      if (text->find(literal) != std::string::npos) found.push_back(chunk);
    }
  }
  return found;
}

}  // namespace callslip
