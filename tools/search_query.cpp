#include "tools/search_query.h"

#include <string_view>
#include <utility>

#include "index/hash.h"
#include "index/search/literal_search.h"

namespace callslip {
namespace {

/// Quotation marks ask for literals: those that a model put around its own words go.
std::string with_known_quotes(const std::string& information, const std::string& question) {
  std::string text;
  std::string_view rest = information;
  for (;;) {
    const std::size_t open = rest.find('"');
    const std::size_t close = open == std::string_view::npos ? open : rest.find('"', open + 1);
    if (close == std::string_view::npos) break;
    std::string quoted(rest.substr(open, close + 1 - open));
    if (question.find(quoted) == std::string::npos) quoted.front() = quoted.back() = ' ';
    text.append(rest.substr(0, open)).append(quoted);
    rest.remove_prefix(close + 1);
  }
  return text.append(rest);
}

}  // namespace

SearchQuery split_query(const DocSearchRequest& request) {
  SearchQuery query;
  query.literals = request.exact;
  std::string_view rest = request.query;
  for (;;) {
    const std::size_t open = rest.find('"');
    const std::size_t close = open == std::string_view::npos ? open : rest.find('"', open + 1);
    if (close == std::string_view::npos) break;
    const std::string_view quoted = rest.substr(open + 1, close - open - 1);
    if (!quoted.empty()) query.literals.emplace_back(quoted);
    // Quoted words still count for the order.
    query.words.append(rest.substr(0, open)).append(" ").append(quoted).append(" ");
    rest.remove_prefix(close + 1);
  }
  query.words.append(rest);
  std::erase(query.literals, "");
  return query;
}

std::vector<WeightedTerm> terms_of(const SearchQuery& query, const DocSearchRequest& request,
                                   LanguageSet languages) {
  std::string text = query.words;
  for (const std::string& keyword : request.keywords) text += " \n" + keyword;
  for (const std::string& literal : request.exact) text += " \n" + literal;
  return search_terms(text, languages);
}

std::uint64_t digest_of(const DocSearchRequest& request) {
  std::string all = request.query;
  for (const auto* list : {&request.keywords, &request.exact, &request.documents}) {
    all.push_back('\1');
    for (const std::string& item : *list) all.append(1, '\0').append(item);
  }
  if (request.expand) all.append("\1expand");
  return hash64(all);
}

Result<std::vector<ChunkNumber>> holding_all(const Snapshot& snapshot,
                                             const std::vector<std::string>& literals,
                                             const Scope& scope, const CallContext& context) {
  std::vector<ChunkNumber> holding;
  Scope remaining = scope;
  for (const std::string& literal : literals) {
    auto found = chunks_holding(snapshot, literal, remaining, context.stop);
    if (!found) return found.error();
    holding = std::move(found).value();
    remaining.clear();
    for (const ChunkNumber chunk : holding) remaining.push_back({chunk, chunk + 1});
  }
  return holding;
}

DocSearchRequest expanded_request(const DocSearchRequest& request,
                                  const QuestionPreparation& preparation,
                                  std::vector<std::string> notes) {
  DocSearchRequest expanded = request;
  expanded.query = with_known_quotes(preparation.question.information, request.query);
  const auto& keywords = preparation.question.keywords;
  // By rules they are words of the query, which would only count twice.
  if (preparation.by_model) {
    expanded.keywords.insert(expanded.keywords.end(), keywords.begin(), keywords.end());
  }
  for (std::string& note : notes) expanded.notes.push_back(std::move(note));
  return expanded;
}

}  // namespace callslip
