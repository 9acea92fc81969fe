#include <iostream>
#include <optional>

#include "plugin/commands/commands.h"
#include "plugin/commands/result_print.h"
#include "plugin/commands/signals.h"
#include "plugin/commands/terminal.h"
#include "plugin/reading_services.h"
#include "plugin/toolset/result_json.h"
#include "tools/doc_search.h"
#include "tools/text_block.h"

namespace callslip {

int run_search(const Settings& settings) {
  std::optional<SignalWatch> signals;  // a search without a model is over before anyone stops it
  if (settings.expand) signals.emplace();
  Library library(std::make_shared<Index>(index_directory(settings)));
  ReadingServices services;
  std::optional<DocSearch> search;
  if (settings.expand) {
    auto made = make_reading_services(settings, library.index());
    if (!made) return fail(made.error());
    services = std::move(made).value();
    search.emplace(library, *services.reader, *services.languages);
  } else {
    search.emplace(library);
  }
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
  request.expand = settings.expand;
  request.cursor = settings.cursor;
  CallContext context;
  if (signals) context.stop = signals->token();
  const auto result = search->search(request, context);
  if (!result) return fail(result.error());
  if (settings.json) {
    std::cout << json_text(to_json(*result));
    return 0;
  }
  if (result->chunks.empty()) {
    std::cout << result->text;
    return 0;
  }
  for (const std::string& note : result->notes) {
    std::cerr << styled("note", Style::yellow, 2) << ": " << note << "\n";
  }
  for (const Relaxation& relaxation : result->relaxed) {
    std::cerr << styled("note", Style::yellow, 2) << ": " << relaxation.note << "\n";
  }
  if (result->expanded) print_expanded(*result->expanded);
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
