#include "tools/doc_search.h"

#include "tools/search_page.h"
#include "tools/search_query.h"

namespace callslip {
namespace {

constexpr std::size_t most_recent = 256;  // preparations that are remembered

}  // namespace

Result<DocSearchResult> DocSearch::search(const DocSearchRequest& request,
                                          const CallContext& context) const {
  const auto view = library_.view(context);
  if (!view) return view.error();
  const std::uint64_t digest = digest_of(request);
  if (!request.expand) return lay_out_search(request, *view, digest, std::nullopt, context);
  std::vector<std::string> notes;
  QuestionPreparation preparation = prepare(request, *view->snapshot, context, notes);
  const DocSearchRequest expanded = expanded_request(request, preparation, std::move(notes));
  return lay_out_search(expanded, *view, digest, std::move(preparation), context);
}

QuestionPreparation DocSearch::prepare(const DocSearchRequest& request, const Snapshot& snapshot,
                                       const CallContext& context,
                                       std::vector<std::string>& notes) const {
  if (!request.cursor.empty()) {
    const std::lock_guard lock(mutex_);
    for (const Prepared& each : recent_) {
      if (each.query == request.query && each.visibility == snapshot.visibility()) {
        return each.preparation;
      }
    }
  }
  if (reader_ == nullptr) return {prepare_by_rules(request.query), false, {}};
  ReaderUsage usage;
  QuestionPreparation preparation =
      prepare_question(*reader_, snapshot, *languages_, request.query, context, usage, notes);
  if (preparation.by_model) {
    const std::lock_guard lock(mutex_);
    recent_.push_front({request.query, snapshot.visibility(), preparation});
    if (recent_.size() > most_recent) recent_.pop_back();
  }
  return preparation;
}

}  // namespace callslip
