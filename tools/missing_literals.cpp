#include <algorithm>
#include <cctype>
#include <optional>

#include "index/analyzer.h"
#include "index/search/literal_search.h"
#include "tools/relaxation.h"
#include "tools/text_block.h"

namespace callslip {
namespace {

constexpr std::size_t kLookedAt = 50;  // chunks whose text is searched for another writing

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
char in_small(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

/// Where the literal stands in a text when case and the kind of white space do not matter.
std::optional<std::string> other_writing(const std::string& text, const std::string& literal) {
  for (std::size_t start = 0; start < text.size(); ++start) {
    std::size_t at = start;
    std::size_t wanted = 0;
    while (wanted < literal.size() && at < text.size()) {
      if (is_space(literal[wanted]) && is_space(text[at])) {
        while (wanted < literal.size() && is_space(literal[wanted])) ++wanted;
        while (at < text.size() && is_space(text[at])) ++at;
      } else if (in_small(literal[wanted]) == in_small(text[at])) {
        ++wanted;
        ++at;
      } else {
        break;
      }
    }
    if (wanted == literal.size()) return text.substr(start, at - start);
  }
  return std::nullopt;
}

/// Another writing of a literal, in the chunks that have most of its words.
Result<std::optional<std::string>> find_other_writing(const Snapshot& snapshot,
                                                      const std::string& literal,
                                                      const Scope& scope) {
  std::vector<WeightedTerm> terms;
  for (QueryTerm& term : query_terms(literal, snapshot.languages())) {
    terms.push_back({std::move(term.term), 1.0, term.word});
  }
  const auto likely = rank(snapshot, terms, scope, kLookedAt);
  if (!likely) return likely.error();
  for (const RankedChunk& chunk : likely->top) {
    const auto text = snapshot.chunk_text(chunk.chunk);
    if (!text) return text.error();
    if (auto found = other_writing(*text, literal)) return found;
  }
  return std::optional<std::string>();
}

}  // namespace

Result<Relaxation> missing_literals(const Snapshot& snapshot,
                                    const std::vector<std::string>& literals, const Scope& scope,
                                    std::uint64_t matches, const std::stop_token& stop) {
  Relaxation relaxation;
  relaxation.kind = Relaxation::Kind::exact;
  if (literals.size() == 1) relaxation.words = literals;
  for (const std::string& literal : literals) {
    if (literals.size() == 1) break;  // it was looked for
    const auto holding = chunks_holding(snapshot, literal, scope, stop);
    if (!holding) return holding.error();
    if (holding->empty()) relaxation.words.push_back(literal);
  }
  if (relaxation.words.empty()) {
    relaxation.words = literals;
    relaxation.note = "no chunk holds all of the literals, but each is in some";
  } else {
    relaxation.note = "no chunk holds, letter for letter,";
    for (const std::string& word : relaxation.words) {
      relaxation.note += " \"" + on_its_line(word) + "\"";
      auto other = find_other_writing(snapshot, word, scope);
      if (!other) return other.error();
      if (!*other) continue;
      relaxation.note += " (but \"" + on_its_line(**other) + "\")";
      if (relaxation.instead.empty()) relaxation.instead = **other;
    }
  }
  if (matches > 0) {
    relaxation.note +=
        "; without literals " + quantity(matches, "chunk") + (matches == 1 ? " matches" : " match");
  }
  return relaxation;
}

}  // namespace callslip
