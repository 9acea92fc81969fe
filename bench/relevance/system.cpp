#include "bench/relevance/system.h"

#include <algorithm>
#include <unordered_map>

#include "index/tokens/token_estimator.h"
#include "tools/text_block.h"

namespace callslip::bench {

std::string System::passages(const Collection::Query& query, std::size_t max_tokens) {
  static const TokenEstimator counter;
  std::unordered_map<std::string, const Article*> by_id;
  for (const Article& document : collection_->documents) by_id[document.id] = &document;
  std::string text;
  std::size_t used = 0;
  for (const std::string& id : rank(query)) {
    const Article& document = *by_id.at(id);
    const std::size_t tokens = counter.count(document.text);
    if (used + tokens > max_tokens) {
      text += cut_to_tokens(document.text, TextKind::prose, max_tokens - used, counter);
      break;
    }
    text.append(document.text).append("\n\n");
    used += tokens;
  }
  return text;
}

}  // namespace callslip::bench
