#include <iostream>

#include "plugin/commands/commands.h"
#include "plugin/toolset/result_json.h"
#include "tools/list_documents.h"

namespace callslip {

int run_list(const Settings& settings) {
  Library library(std::make_shared<Index>(index_directory(settings)));
  ListDocumentsRequest request;
  request.documents = settings.documents;
  request.documents.insert(request.documents.end(), settings.operands.begin(),
                           settings.operands.end());
  if (settings.limit > 0) request.limit = settings.limit;
  request.max_tokens = std::max(settings.max_tokens, min_max_tokens);
  request.cursor = settings.cursor;
  const auto result = ListDocuments(library).list(request, {});
  if (!result) return fail(result.error());
  if (settings.json) {
    std::cout << json_text(to_json(*result));
  } else {
    std::cout << result->text;
  }
  return 0;
}

}  // namespace callslip
