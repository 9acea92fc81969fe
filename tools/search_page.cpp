#include "tools/search_page.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "index/search/ranker.h"
#include "tools/document_filter.h"
#include "tools/search_cursor.h"
#include "tools/search_query.h"
#include "tools/snippet.h"
#include "tools/text_block.h"

namespace callslip {
namespace {

class Page {
 public:
  Page(const DocSearchRequest& request, const LibraryView& view, std::uint64_t digest,
       std::optional<QuestionPreparation> expanded)
      : request_(request),
        digest_(digest),
        snapshot_(*view.snapshot),
        counter_(*view.tokens),
        block_(*view.tokens, request.max_tokens) {
    result_.index = view.info;
    result_.notes = request.notes;
    result_.expanded = std::move(expanded);
  }

  Result<DocSearchResult> lay_out(const CallContext& context) {
    const auto selection = select_documents(snapshot_, request_.documents);
    if (!selection) return selection.error();
    documents_ = selection->everything ? snapshot_.document_count() : selection->documents.size();
    chunks_ = scope_size(selection->scope);
    query_ = split_query(request_);
    terms_ = terms_of(query_, request_, snapshot_.languages());
    SearchCursor start;
    if (!request_.cursor.empty()) {
      auto cursor = SearchCursor::parse(request_.cursor, digest_);
      if (!cursor) return cursor.error();
      start = std::move(cursor).value();
      result_.index.changed = start.revision != snapshot_.revision();
    }
    start.revision = snapshot_.revision();
    start.digest = digest_;
    add_notes();

    const bool may_be_whole = request_.cursor.empty() && request_.whole && !request_.limit_given &&
                              query_.literals.empty() &&
                              request_.detail == DocSearchRequest::Detail::full;
    if (may_be_whole && selection->tokens > 0 && selection->tokens <= block_.left()) {
      const auto fits = add_whole(*selection);
      if (!fits) return fits.error();
      if (*fits) return finish(std::nullopt);
    }
    if (request_.mend) {
      auto mended = mend_words(snapshot_, query_.words, terms_);
      if (!mended) return mended.error();
      result_.relaxed = std::move(mended).value();
    }
    if (Status s = rank_chunks(selection->scope, start.rank, context); !s) return s.error();
    if (request_.cursor.empty()) {
      if (Status s = add_relaxed(*selection, context); !s) return s.error();
    } else {
      result_.relaxed.clear();  // it was said on the first page
    }
    auto next = add_ranked(start);
    if (!next) return next.error();
    return finish(*next);
  }

 private:
  bool tight() const { return request_.max_tokens < tight_budget; }

  void add_notes() {
    callslip::add_notes(block_, request_.notes, tight());
    if (tight()) return;
    if (result_.index.indexing) block_.add(result_.index.indexing->note());
    if (result_.index.changed) block_.add("Note: the index has changed since the last page.\n");
    if (result_.expanded) add_expanded(*result_.expanded);
  }

  void add_expanded(const QuestionPreparation& expanded) {
    std::string line = "Searched for: " + expanded.question.information;
    if (expanded.by_model && !expanded.question.keywords.empty()) {
      line += "; keywords:";
      for (const std::string& keyword : expanded.question.keywords) line += " " + keyword + ",";
      line.pop_back();
    }
    std::replace(line.begin(), line.end(), '\n', ' ');
    // The chunks come first: it is left out where it would take much of their room.
    const std::size_t tokens = counter_.count(line + "\n");
    if (tokens <= block_.left() / 8) block_.add(line + "\n", tokens);
  }

  /// What the answer does not hold of what was asked for.
  Status add_relaxed(const DocumentSelection& selection, const CallContext& context) {
    std::vector<Relaxation>& relaxed = result_.relaxed;
    if (!query_.literals.empty() && ranked_.empty() && !selection.scope.empty()) {
      const auto matching = rank(snapshot_, terms_, selection.scope, 0);
      if (!matching) return matching.error();
      auto why = missing_literals(snapshot_, query_.literals, selection.scope, matching->matches,
                                  context.stop);
      if (!why) return why.error();
      relaxed.push_back(std::move(why).value());
    } else if (ranked_.empty() && !selection.everything) {
      const auto elsewhere = rank(snapshot_, terms_, snapshot_.living(), 0);
      if (!elsewhere) return elsewhere.error();
      if (elsewhere->matches > 0) relaxed.push_back(other_documents(elsewhere->matches));
    } else if (query_.literals.empty()) {
      auto weak =
          weak_match(snapshot_, mended_query(query_.words, relaxed), request_.keywords, ranked_);
      if (!weak) return weak.error();
      for (Relaxation& each : *weak) relaxed.push_back(std::move(each));
    }
    if (tight() && !ranked_.empty()) return {};
    for (const Relaxation& each : relaxed) {
      const std::string line = "Note: " + each.note + ".\n";
      const std::size_t tokens = counter_.count(line);
      // The chunks come first.
      if (ranked_.empty() || tokens <= block_.left() / 8) block_.add(line, tokens);
    }
    return {};
  }

  /// Everything in scope in reading order; false, with nothing added, when it does not fit.
  Result<bool> add_whole(const DocumentSelection& selection) {
    const TextBlock::Mark mark = block_.mark();
    const auto ranking = rank(snapshot_, terms_, selection.scope, scope_size(selection.scope));
    if (!ranking) return ranking.error();
    std::unordered_map<ChunkNumber, float> scores;
    for (const RankedChunk& ranked : ranking->top) scores[ranked.chunk] = ranked.score;
    result_.matches = ranking->matches;
    result_.whole = true;
    const auto& documents =
        selection.everything ? snapshot_.documents_by_name() : selection.documents;
    for (const DocumentNumber document : documents) {
      const ChunkRange range = snapshot_.chunks_of(document);
      for (ChunkNumber number = range.first; number < range.last; ++number) {
        FoundChunk chunk = describe_chunk(snapshot_, number);
        chunk.score = scores.contains(number) ? scores[number] : 0;
        auto text = snapshot_.chunk_text(number);
        if (!text) return text.error();
        chunk.text = std::move(text).value();
        if (add_part(chunk, chunk.tokens)) {
          result_.chunks.push_back(std::move(chunk));
          continue;
        }
        block_.rewind(mark);
        result_.chunks.clear();
        result_.whole = false;
        return false;
      }
    }
    return true;
  }

  Status rank_chunks(const Scope& scope, std::uint64_t first, const CallContext& context) {
    const std::size_t wanted = first + request_.limit;
    if (query_.literals.empty()) {
      auto ranking = rank(snapshot_, terms_, scope, wanted);
      if (!ranking) return ranking.error();
      result_.matches = ranking->matches;
      ranked_ = std::move(ranking->top);
      return {};
    }
    const auto holding = holding_all(snapshot_, query_.literals, scope, context);
    if (!holding) return holding.error();
    Scope only;
    for (const ChunkNumber chunk : *holding) only.push_back({chunk, chunk + 1});
    auto ranking = rank(snapshot_, terms_, only, only.size());
    if (!ranking) return ranking.error();
    ranked_ = std::move(ranking->top);
    // A literal need not hold a whole word: then nothing ranks its chunks, and they come last.
    std::vector<ChunkNumber> scored;
    for (const RankedChunk& chunk : ranked_) scored.push_back(chunk.chunk);
    std::sort(scored.begin(), scored.end());
    for (const ChunkNumber chunk : *holding) {
      if (!std::binary_search(scored.begin(), scored.end(), chunk)) ranked_.push_back({chunk, 0});
    }
    result_.matches = ranked_.size();
    if (ranked_.size() > wanted) ranked_.resize(wanted);
    return {};
  }

  /// What was shown so far, earlier pages included, and how to go on.
  std::string footer(const SearchCursor& next) const {
    if (tight()) return "cursor: " + next.text() + "\n";
    const bool in_part = next.skip_bytes > 0;
    const std::uint64_t shown = std::min(next.rank + (in_part ? 1 : 0), result_.matches);
    return std::to_string(shown) + " of " + quantity(result_.matches, "matching chunk") + " shown" +
           (in_part ? ", the last in part" : "") + "; more with cursor \"" + next.text() + "\"\n";
  }

  /// Where the next page begins, if there is one.
  Result<std::optional<SearchCursor>> add_ranked(SearchCursor at) {
    SearchCursor widest = at;
    widest.rank = result_.matches;
    widest.skip_bytes = 99'999;
    const std::size_t room = counter_.count(footer(widest));
    block_.reserve(room);
    Passages passages(snapshot_, block_);
    const bool in_passages = request_.detail == DocSearchRequest::Detail::full;
    const std::uint64_t first = at.rank;
    while (at.rank < ranked_.size() && at.rank - first < request_.limit) {
      FoundChunk chunk = describe_chunk(snapshot_, ranked_[at.rank].chunk);
      chunk.score = ranked_[at.rank].score;
      if (Status s = fill(chunk, at.skip_bytes); !s) return s.error();
      const std::size_t tokens =
          at.skip_bytes == 0 && !chunk.truncated ? chunk.tokens : counter_.count(chunk.text);
      chunk.tokens = tokens;
      // Of "ids" the text is not sent, and not paid for.
      const bool added = in_passages ? passages.add(chunk, tokens, chunk.truncated)
                                     : add_part(chunk, chunk.text.empty() ? 0 : tokens);
      if (!added) {
        if (!result_.chunks.empty()) break;
        const std::size_t whole = chunk.text.size();
        add_cut(chunk);
        const std::size_t taken = chunk.text.size();
        result_.chunks.push_back(std::move(chunk));
        if (taken > 0 && taken < whole) {
          at.skip_bytes += taken;
          break;
        }
      } else {
        result_.chunks.push_back(std::move(chunk));
      }
      ++at.rank;
      at.skip_bytes = 0;
    }
    passages.write(result_.chunks, block_);
    result_.passages = passages.joined(result_.chunks);
    block_.release(room);
    if (at.rank >= result_.matches) return std::optional<SearchCursor>();
    return std::optional<SearchCursor>(at);
  }

  /// The chunk's text as the detail asks, without what earlier pages showed of it.
  Status fill(FoundChunk& chunk, std::uint64_t skip) {
    if (request_.detail == DocSearchRequest::Detail::ids) return {};
    auto text = snapshot_.chunk_text(chunk.number);
    if (!text) return text.error();
    ByteSpan span{std::min<std::size_t>(skip, text->size()), text->size()};
    if (request_.detail == DocSearchRequest::Detail::snippet && skip == 0) {
      if (!snippets_) snippets_.emplace(snapshot_, query_.words);
      span = snippets_->of(*text, chunk.kind);
    }
    if (span.start != 0 || span.end != text->size()) {
      const double score = chunk.score;
      chunk.location = locate(snapshot_, chunk.number, *text, span);
      chunk.score = score;
      chunk.truncated = true;
    }
    chunk.text = text->substr(span.start, span.end - span.start);
    return {};
  }

  bool add_part(const FoundChunk& chunk, std::size_t tokens) {
    const TextBlock::Mark mark = block_.mark();
    const std::string header =
        chunk_header(chunk, result_.chunks.size() + 1, block_.left(), counter_);
    if (block_.add(header) && block_.add(chunk.text, tokens) && block_.add(end_of(chunk))) {
      return true;
    }
    block_.rewind(mark);
    return false;
  }

  std::string_view end_of(const FoundChunk& chunk) const {
    if (request_.detail == DocSearchRequest::Detail::ids) return "";
    return chunk.text.ends_with('\n') ? "\n" : "\n\n";
  }

  /// The beginning of a chunk that does not fit as a whole.
  void add_cut(FoundChunk& chunk) {
    chunk.truncated = true;
    const std::string header = chunk_header(chunk, 1, block_.left() / 2, counter_);
    const std::size_t around = counter_.count(header) + counter_.count("\n\n");
    const std::size_t left = block_.left() > around ? block_.left() - around : 0;
    const std::string_view cut = cut_to_tokens(chunk.text, chunk.kind, left, counter_);
    chunk.location = locate(snapshot_, chunk.number, whole_text(chunk, chunk.text),
                            {offset_of(chunk), offset_of(chunk) + cut.size()});
    chunk.text = std::string(cut);
    chunk.tokens = counter_.count(chunk.text);
    block_.add(header);
    block_.add(chunk.text, chunk.tokens);
    block_.add(end_of(chunk));
  }

  std::size_t offset_of(const FoundChunk& chunk) const {
    return chunk.location.byte_start - snapshot_.chunk(chunk.number).byte_start;
  }

  std::string whole_text(const FoundChunk& chunk, const std::string& fallback) const {
    auto text = snapshot_.chunk_text(chunk.number);
    return text ? std::move(text).value() : fallback;
  }

  Result<DocSearchResult> finish(const std::optional<SearchCursor>& next) {
    if (next) {
      result_.next_cursor = next->text();
      block_.add(footer(*next));
    } else if (result_.whole) {
      block_.add("This is all of it: " + quantity(result_.chunks.size(), "chunk") + ".\n");
    } else if (result_.chunks.empty() && request_.cursor.empty()) {
      block_.add("No chunk matches. Searched " + quantity(documents_, "document") + " (" +
                 quantity(chunks_, "chunk") +
                 "). Try other words, or keywords in the documents' languages.\n");
    } else if (result_.chunks.empty()) {
      block_.add("No more chunks match.\n");
    }
    result_.text = block_.text();
    result_.total_tokens = block_.total();
    return std::move(result_);
  }

  const DocSearchRequest& request_;
  const std::uint64_t digest_;
  const Snapshot& snapshot_;
  const TokenCounter& counter_;
  TextBlock block_;
  DocSearchResult result_;
  SearchQuery query_;
  std::uint64_t documents_ = 0;  // in scope
  std::uint64_t chunks_ = 0;
  std::vector<WeightedTerm> terms_;
  std::vector<RankedChunk> ranked_;
  std::optional<Snippets> snippets_;
};

}  // namespace

Result<DocSearchResult> lay_out_search(const DocSearchRequest& request, const LibraryView& view,
                                       std::uint64_t digest,
                                       std::optional<QuestionPreparation> expanded,
                                       const CallContext& context) {
  return Page(request, view, digest, std::move(expanded)).lay_out(context);
}

}  // namespace callslip
