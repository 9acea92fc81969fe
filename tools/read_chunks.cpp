#include "tools/read_chunks.h"

#include <algorithm>
#include <set>

#include "tools/document_filter.h"
#include "tools/read_page.h"
#include "tools/read_state.h"
#include "tools/reading.h"

namespace callslip {
namespace {

constexpr std::size_t kMaxFinalChunks = 200;
constexpr std::size_t kMaxQueryTerms = 500;  // of the relevant sentences
constexpr double kQuestionWeight = 8;        // of a word of the question, beside one of those
constexpr std::size_t kMinEvidenceTokens = 3;
constexpr std::size_t kShownFailures = 3;  // in the text; more are in the structured content
constexpr std::size_t kMaxEvidenceTokens = 200;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string count_of(std::uint64_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

/// The chunks with these ids and their neighbours, each once, in the order asked for.
Result<std::vector<RankedChunk>> chunks_by_id(const Snapshot& snapshot,
                                              const ReadChunksRequest& request) {
  std::vector<RankedChunk> chunks;
  std::set<ChunkNumber> seen;
  for (const std::string& chunk_id : request.chunk_ids) {
    const auto chunk = find_chunk(snapshot, chunk_id);
    if (!chunk) return chunk.error().within("chunk_ids");
    const ChunkRange document = snapshot.chunks_of(snapshot.document_of(*chunk));
    const auto before =
        static_cast<ChunkNumber>(std::min<std::size_t>(request.before, *chunk - document.first));
    const auto after =
        static_cast<ChunkNumber>(std::min<std::size_t>(request.after, document.last - 1 - *chunk));
    for (ChunkNumber c = *chunk - before; c <= *chunk + after; ++c) {
      if (seen.insert(c).second) chunks.push_back({c, 0});
    }
  }
  return chunks;
}

/// What the question is read for: the chunks named, or all of the documents selected.
Result<Scope> scope_of(const Snapshot& snapshot, const ReadChunksRequest& request) {
  if (request.chunk_ids.empty()) {
    auto selection = select_documents(snapshot, request.documents);
    if (!selection) return selection.error();
    return std::move(selection->scope);
  }
  auto chunks = chunks_by_id(snapshot, request);
  if (!chunks) return chunks.error();
  std::sort(chunks->begin(), chunks->end(),
            [](const RankedChunk& a, const RankedChunk& b) { return a.chunk < b.chunk; });
  Scope scope;
  for (const RankedChunk& chunk : *chunks) {
    if (!scope.empty() && scope.back().last == chunk.chunk) {
      ++scope.back().last;
    } else {
      scope.push_back({chunk.chunk, chunk.chunk + 1});
    }
  }
  return scope;
}

/// The relevant sentences of a reading, as evidence.
Result<std::vector<Evidence>> gather_evidence(const Snapshot& snapshot, const Reading& reading,
                                              const std::vector<RankedChunk>& order,
                                              const TokenCounter& counter) {
  std::vector<Evidence> all;
  for (const RankedChunk& ranked : order) {
    const ReadState::Entry* entry = reading.entry(ranked.chunk);
    if (entry == nullptr || entry->kind != Verdict::Kind::relevant) continue;
    const auto text = snapshot.chunk_text(ranked.chunk);
    if (!text) return text.error();
    const FoundChunk chunk = describe_chunk(snapshot, ranked.chunk);
    for (ByteSpan span : entry->sentences) {
      if (span.end > text->size() || span.start >= span.end) continue;
      std::string_view sentence = std::string_view(*text).substr(span.start, span.end - span.start);
      if (counter.count(sentence) < kMinEvidenceTokens) continue;
      sentence = cut_to_tokens(sentence, chunk.kind, kMaxEvidenceTokens, counter);
      span.end = span.start + sentence.size();
      all.push_back({std::string(sentence), ranked.chunk, chunk.chunk_id, chunk.document, chunk.uri,
                     locate(snapshot, ranked.chunk, *text, span)});
    }
  }
  return all;
}

/// The Qwen step: the relevant sentences, with the question, are the query. Chunks with evidence
/// come first, each group best first.
Result<std::vector<RankedChunk>> rank_by_evidence(const Snapshot& snapshot, const Reading& reading,
                                                  const std::string& question, const Scope& scope) {
  const std::vector<ChunkNumber> relevant = reading.relevant();
  if (relevant.empty()) return std::vector<RankedChunk>();
  std::string query;
  for (const ChunkNumber chunk : relevant) {
    const auto text = snapshot.chunk_text(chunk);
    if (!text) return text.error();
    for (const ByteSpan& span : reading.entry(chunk)->sentences) {
      if (span.end <= text->size())
        query.append("\n").append(*text, span.start, span.end - span.start);
    }
  }
  std::vector<WeightedTerm> terms;
  for (QueryTerm& term : query_terms(question)) {
    terms.push_back({std::move(term.term), kQuestionWeight * term.frequency});
  }
  for (QueryTerm& term : query_terms(query)) {
    terms.push_back({std::move(term.term), static_cast<double>(std::min(term.frequency, 3U))});
  }
  if (terms.size() > kMaxQueryTerms) {
    std::stable_sort(terms.begin(), terms.end(), [](const WeightedTerm& a, const WeightedTerm& b) {
      return a.weight > b.weight;
    });
    terms.resize(kMaxQueryTerms);
  }
  Scope with_evidence;
  for (const ChunkNumber chunk : std::set<ChunkNumber>(relevant.begin(), relevant.end())) {
    with_evidence.push_back({chunk, chunk + 1});
  }
  auto first = rank(snapshot, terms, with_evidence, relevant.size());
  if (!first) return first.error();
  auto rest = rank(snapshot, terms, scope, kMaxFinalChunks + relevant.size());
  if (!rest) return rest.error();
  std::vector<RankedChunk> order = std::move(first->top);
  const std::set<ChunkNumber> taken(relevant.begin(), relevant.end());
  // A chunk whose evidence shares no term with anything cannot be ranked: it must not be lost.
  for (const ChunkNumber chunk : relevant) {
    if (std::none_of(order.begin(), order.end(),
                     [&](const RankedChunk& ranked) { return ranked.chunk == chunk; })) {
      order.push_back({chunk, 0});
    }
  }
  for (const RankedChunk& chunk : rest->top) {
    if (!taken.contains(chunk.chunk)) order.push_back(chunk);
  }
  return order;
}

std::string summary_line(const ReadChunksResult& result) {
  const Coverage& c = result.coverage;
  std::string line;
  switch (result.status) {
    case ReadChunksResult::Status::found:
      line = "Found: " + count_of(c.relevant, "relevant chunk");
      break;
    case ReadChunksResult::Status::nothing_relevant:
      line = "Nothing relevant found";
      break;
    case ReadChunksResult::Status::partial:
      line = "Partial: " + count_of(c.relevant, "relevant chunk") + " so far";
      break;
  }
  line += "; read " + std::to_string(c.read) + " of " + count_of(c.in_scope, "chunk");
  if (c.failed > 0) line += ", " + std::to_string(c.failed) + " failed";
  if (c.unread > 0) line += ", " + std::to_string(c.unread) + " not read";
  return line + ".";
}

std::string footer_line(const std::string& next, const std::string& cursor, bool tight) {
  if (tight && !next.empty()) return "cursor: " + cursor + "\n";
  if (next == "return_more")
    return "More was found: call read_chunks with cursor \"" + cursor + "\"\n";
  if (next == "read_more") return "To read on: call read_chunks with cursor \"" + cursor + "\"\n";
  return "";
}

constexpr const char* kWidestCursor = "r9g8q7z6v5x4";

}  // namespace

/// One call, with what its steps share.
class ReadChunksCall {
 public:
  ReadChunksCall(Library& library, Reader& reader, ReadChunksRequest request,
                 const ReadChunks::Options& options, const CallContext& context)
      : library_(library), reader_(reader), options_(options), context_(context) {
    state_.request = std::move(request);
  }

  Result<ReadChunksResult> run() {
    auto view = library_.view(context_);
    if (!view) return view.error();
    view_ = std::move(view).value();
    result_.index = view_.info;
    if (Status s = resume(); !s) return s.error();
    if (state_.request.question.empty() && state_.request.chunk_ids.empty()) {
      return Error{ErrorKind::invalid_argument,
                   "give a question to read for, or chunk_ids to return, or a cursor"};
    }
    state_.revision = view_.snapshot->revision();
    result_.by_question = !state_.request.question.empty();
    if (Status s = result_.by_question ? read() : return_chunks(); !s) return s.error();
    return std::move(result_);
  }

 private:
  const Snapshot& snapshot() const { return *view_.snapshot; }

  /// Goes on where the cursor says.
  Status resume() {
    const std::string cursor = state_.request.cursor;
    if (cursor.empty()) return {};
    auto state = ReadState::load(library_.index().directory(), cursor);
    if (!state) return state.error();
    const ReadChunksRequest given = std::move(state_.request);
    state_ = std::move(state).value();
    state_.request.cursor = cursor;
    state_.request.max_tokens = given.max_tokens;
    state_.request.deadline_s = given.deadline_s;
    state_.request.notes = given.notes;
    result_.index.changed = state_.revision != snapshot().revision();
    return {};
  }

  void add_notes(ReadPage& page) const {
    page.add_notes(state_.request.notes);
    if (page.tight()) return;
    if (result_.index.indexing) {
      page.add_line("Note: indexing is under way; there may be more later.");
    }
    if (result_.index.changed) page.add_line("Note: the index has changed since the last answer.");
  }

  Status return_chunks() {
    const auto chunks = chunks_by_id(snapshot(), state_.request);
    if (!chunks) return chunks.error();
    ReadPage page(snapshot(), *view_.tokens, state_.request.max_tokens);
    add_notes(page);
    page.reserve_footer(footer_line("return_more", kWidestCursor, page.tight()));
    const auto at = page.add_chunks(*chunks, {state_.position, state_.cut_bytes}, result_);
    if (!at) return at.error();
    state_.position = at->chunk;
    state_.cut_bytes = at->skip;
    if (at->chunk < chunks->size()) result_.next = "return_more";
    return finish(page);
  }

  Status read() {
    const auto start = Clock::now();
    CallContext context = context_;
    context.deadline =
        std::min(context.deadline,
                 context_.started + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(state_.request.deadline_s)));
    const auto scope = scope_of(snapshot(), state_.request);
    if (!scope) return scope.error();
    Reading reading(snapshot(), reader_, state_, options_.max_calls);
    if (Status s = reading.order(*scope); !s) return s;
    state_.usage.reader = reader_.name();
    bool stopped_early = !state_.effort_done;
    if (Status s = collect(reading, *scope); !s) return s;
    // What an earlier answer had no room for comes before anything new.
    const bool reads = state_.request.cursor.empty() || (evidence_.empty() && relevant_left_ == 0);
    if (reads) {
      if (Status s = reading.read(context); !s) return s;
      stopped_early = reading.stopped_early();
      state_.effort_done = !stopped_early;
      if (context.cancelled()) return Error{ErrorKind::cancelled, "cancelled"};
      if (Status s = collect(reading, *scope); !s) return s;
    }
    result_.coverage = reading.coverage();
    if (result_.coverage.failed > 0 || stopped_early) {
      result_.status = ReadChunksResult::Status::partial;
    } else {
      result_.status = result_.coverage.relevant > 0 ? ReadChunksResult::Status::found
                                                     : ReadChunksResult::Status::nothing_relevant;
    }
    if (state_.request.answer && reads) write_answer(context);
    state_.usage.seconds += seconds_since(start);
    result_.usage = state_.usage;
    return lay_out();
  }

  /// The evidence and the chunks that were not returned yet, in the order to return them in.
  Status collect(const Reading& reading, const Scope& scope) {
    auto order = rank_by_evidence(snapshot(), reading, state_.request.question, scope);
    if (!order) return order.error();
    auto evidence = gather_evidence(snapshot(), reading, *order, *view_.tokens);
    if (!evidence) return evidence.error();
    all_evidence_ = *evidence;
    evidence_ = std::move(evidence).value();
    std::erase_if(evidence_,
                  [&](const Evidence& e) { return state_.returned.contains(key_of(e)); });
    chunks_ = std::move(order).value();
    std::erase_if(
        chunks_, [&](const RankedChunk& chunk) { return state_.returned.contains(key_of(chunk)); });
    relevant_left_ = 0;
    for (const ChunkNumber chunk : reading.relevant()) {
      if (!state_.returned.contains(key_of({chunk, 0}))) ++relevant_left_;
    }
    return {};
  }

  static std::string key_of(const Evidence& evidence) {
    return evidence.chunk_id + "@" + std::to_string(evidence.location.byte_start);
  }
  std::string key_of(const RankedChunk& chunk) const {
    return chunk_id_of(snapshot(), chunk.chunk);
  }

  void write_answer(const CallContext& context) {
    std::vector<Passage> passages;
    for (const Evidence& item : all_evidence_) {
      passages.push_back({item.chunk_id, item.document, "", {}, item.text, TextKind::prose});
    }
    auto answer = reader_.answer(state_.request.question, passages, context, state_.usage.calls);
    if (answer) {
      state_.answer = std::move(answer).value();
    } else {
      state_.request.notes.push_back(answer.error().message);
    }
  }

  Status lay_out() {
    const bool first_page = state_.returned.empty();
    ReadPage page(snapshot(), *view_.tokens, state_.request.max_tokens);
    add_notes(page);
    page.reserve_footer(footer_line("return_more", kWidestCursor, page.tight()));
    if (!page.tight()) add_preface(page);
    if (!state_.answer.empty() && !state_.answer_returned) {
      result_.answer = page.add_answer(state_.answer);
      state_.answer_returned = true;
    }
    const std::size_t shown = page.add_evidence(evidence_, 0, result_);
    for (std::size_t i = 0; i < shown; ++i) state_.returned.insert(key_of(evidence_[i]));
    std::size_t relevant_shown = 0;
    if (shown == evidence_.size() && (first_page || relevant_left_ > 0)) {
      const bool resumes = !chunks_.empty() && key_of(chunks_[0]) == state_.cut_chunk;
      const auto at = page.add_chunks(chunks_, {0, resumes ? state_.cut_bytes : 0}, result_);
      if (!at) return at.error();
      // Chunks with evidence stand in front.
      relevant_shown = std::min<std::size_t>(at->chunk, relevant_left_);
      for (std::size_t i = 0; i < at->chunk; ++i) state_.returned.insert(key_of(chunks_[i]));
      state_.cut_chunk = at->skip > 0 ? key_of(chunks_[at->chunk]) : "";
      state_.cut_bytes = at->skip;
    }
    if (shown < evidence_.size() || relevant_shown < relevant_left_) {
      result_.next = "return_more";
    } else if (result_.coverage.unread > 0 || result_.coverage.failed > 0) {
      result_.next = "read_more";
    }
    if (page.tight()) page.add_line(summary_line(result_));
    return finish(page);
  }

  void add_preface(ReadPage& page) const {
    page.add_line(summary_line(result_));
    for (std::size_t i = 0; i < result_.coverage.failures.size() && i < kShownFailures; ++i) {
      const Coverage::Failure& failure = result_.coverage.failures[i];
      page.add_line("Failed: " + failure.chunk_id + ": " + failure.reason);
    }
  }

  Status finish(ReadPage& page) {
    if (!result_.next.empty()) {
      // Without a place to keep it there is no cursor; the answer itself stands.
      if (state_.save(library_.index().directory())) {
        result_.next_cursor = state_.handle;
      } else {
        result_.next.clear();
      }
    }
    result_.notes = state_.request.notes;
    page.finish(footer_line(result_.next, result_.next_cursor, page.tight()), result_);
    return {};
  }

  Library& library_;
  Reader& reader_;
  const ReadChunks::Options& options_;
  const CallContext& context_;
  LibraryView view_;
  ReadState state_;
  ReadChunksResult result_;
  std::vector<Evidence> all_evidence_;
  std::vector<Evidence> evidence_;   // not returned yet
  std::vector<RankedChunk> chunks_;  // not returned yet, those with evidence first
  std::uint64_t relevant_left_ = 0;  // of chunks_
};

Result<ReadChunksResult> ReadChunks::run(ReadChunksRequest request,
                                         const CallContext& context) const {
  return ReadChunksCall(library_, reader_, std::move(request), options_, context).run();
}

}  // namespace callslip
