#include <iostream>

#include "plugin/commands.h"
#include "plugin/result_json.h"
#include "plugin/result_print.h"
#include "tools/doc_search.h"
#include "tools/text_block.h"

namespace callslip {

int run_search(const Settings& settings) {
  Library library(std::make_shared<Index>(index_directory(settings)));
  DocSearchRequest request;
  for (const std::string& word : settings.operands) {
    request.query += (request.query.empty() ? "" : " ") + word;
  }
  request.keywords = settings.keywords;
  request.exact = settings.exact;
  request.documents = settings.documents;
  request.max_tokens = std::max(settings.max_tokens, min_max_tokens);
  request.limit_given = settings.limit > 0;
  if (settings.limit > 0) request.limit = settings.limit;
  if (settings.detail == "snippet") request.detail = DocSearchRequest::Detail::snippet;
  if (settings.detail == "ids") request.detail = DocSearchRequest::Detail::ids;
  request.whole = !settings.ranked;
  request.cursor = settings.cursor;
  const auto result = DocSearch(library).search(request, {});
  if (!result) return fail(result.error());
  if (settings.json) {
    std::cout << json_text(to_json(*result));
    return 0;
  }
  if (result->chunks.empty()) {
    std::cout << result->text;
    return 0;
  }
  print_chunks(result->chunks);
  // Everything in scope is shown whether it matches or not.
  std::cout << (result->whole ? "everything in scope: " + quantity(result->chunks.size(), "chunk")
                              : std::to_string(result->chunks.size()) + " of " +
                                    quantity(result->matches, "matching chunk"))
            << " (" << quantity(result->total_tokens, "token") << ")\n";
  if (!result->next_cursor.empty()) std::cout << "more: --cursor " << result->next_cursor << "\n";
  return 0;
}

}  // namespace callslip
