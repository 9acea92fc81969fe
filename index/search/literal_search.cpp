#include "index/search/literal_search.h"

#include <algorithm>
#include <span>

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

/// Those of `candidates` (ascending) that hold one of the terms, which are forms of one word.
Result<std::vector<ChunkNumber>> holding_word(const Snapshot& snapshot,
                                              std::span<const QueryTerm> forms,
                                              const std::vector<ChunkNumber>* candidates) {
  std::vector<ChunkNumber> holding;
  for (const SegmentView& view : snapshot.segments()) {
    for (const QueryTerm& form : forms) {
      const auto list = snapshot.postings(view, form.term);
      if (!list) return list.error();
      for (const std::uint32_t chunk : (*list)->chunks) holding.push_back(view.first_chunk + chunk);
    }
  }
  if (forms.size() > 1) {
    std::sort(holding.begin(), holding.end());
    holding.erase(std::unique(holding.begin(), holding.end()), holding.end());
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
  std::vector<QueryTerm> terms = query_terms(whole_words(literal), snapshot.languages());
  // What a text may not have although it holds the words cannot rule it out.
  std::erase_if(terms, [](const QueryTerm& term) { return term.optional; });
  for (auto first = terms.cbegin(); first != terms.cend();) {
    const auto last = std::find_if(first, terms.cend(),
                                   [&](const QueryTerm& term) { return term.word != first->word; });
    auto fewer = holding_word(snapshot, {first, last}, narrowed ? &candidates : nullptr);
    if (!fewer) return fewer.error();
    candidates = std::move(fewer).value();
    narrowed = true;
    first = last;
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
