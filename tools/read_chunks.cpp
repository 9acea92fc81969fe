#include "tools/read_chunks.h"

#include <algorithm>

#include "index/hash.h"
#include "tools/chunk_selection.h"
#include "tools/evidence.h"
#include "tools/pack_judge.h"
#include "tools/read_page.h"
#include "tools/read_state.h"
#include "tools/read_summary.h"
#include "tools/reading.h"
#include "tools/verdict_cache.h"

namespace callslip {
namespace {

constexpr std::chrono::seconds kKeepEvery{5};
constexpr int kKeepShare = 20;             // keeping takes at most this part of the time
constexpr std::size_t kShownFailures = 3;  // in the text; more are in the structured content
constexpr std::size_t kShownTerms = 12;
constexpr std::size_t kRoomForBoth = 1000;  // tokens, for evidence and chunks
constexpr std::size_t kAroundAChunk = 300;  // tokens: its header, how to go on, notes
constexpr std::string_view kNothingTold = "The documents that were read do not tell.";
constexpr const char* kCaller = "caller";  // the reader that calls us

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The question as BM25 is asked.
std::string query_of(const ReadState& state) {
  std::string query = state.sought();
  if (state.prepared) {
    for (const std::string& keyword : state.prepared->question.keywords) query += "\n" + keyword;
  }
  return query;
}

}  // namespace

/// One call, with what its steps share.
class ReadChunksCall {
 public:
  ReadChunksCall(Library& library, Reader& reader, const ReadChunks::Options& options,
                 const CallContext& context)
      : library_(library), reader_(reader), options_(options), context_(context) {}

  Result<ReadChunksResult> run(ReadChunksRequest request) {
    state_.request = std::move(request);
    if (Status s = open(); !s) return s.error();
    Status done;
    if (state_.request.by_caller && state_.request.answer) {
      state_.request.notes.emplace_back("answer is ignored where you read: write it yourself");
    }
    if (state_.request.question.empty()) {
      done = return_chunks();
    } else if (state_.request.dry_run) {
      done = plan();
    } else if (state_.request.by_caller) {
      done = go_on_by_caller();
    } else {
      done = read();
    }
    if (!done) return done.error();
    return std::move(result_);
  }

  Result<ReadChunksResult> submit(const SubmitReadingsRequest& request) {
    state_.request.cursor = request.cursor;
    state_.request.max_tokens = request.max_tokens;
    state_.request.notes = request.notes;
    if (Status s = open(); !s) return s.error();
    if (!state_.request.by_caller) {
      return Error{ErrorKind::invalid_argument,
                   "cursor: \"" + request.cursor +
                       "\" is of a read that you do not do yourself; start one with read_chunks, "
                       "reader: \"caller\""};
    }
    if (Status s = take_readings(request.readings); !s) return s.error();
    if (Status s = request.finish ? conclude(false) : hand_out(); !s) return s.error();
    return std::move(result_);
  }

 private:
  const Snapshot& snapshot() const { return *view_.snapshot; }
  ReadChunksRequest& request() { return state_.request; }
  const ReadChunksRequest& request() const { return state_.request; }

  /// Looks at the index, goes on where the cursor says, and orders what is to be read.
  Status open() {
    auto view = library_.view(context_);
    if (!view) return view.error();
    view_ = std::move(view).value();
    result_.index = view_.info;
    state_.visibility = snapshot().visibility();
    if (Status s = resume(); !s) return s;
    if (request().question.empty() && request().chunk_ids.empty()) {
      return Error{ErrorKind::invalid_argument,
                   "give a question to read for, or chunk_ids to return, or a cursor"};
    }
    result_.by_question = !request().question.empty();
    if (!result_.by_question) return {};
    auto scope = scope_of(snapshot(), request());
    if (!scope) return scope.error();
    scope_ = std::move(scope).value();
    prepare();
    reading_.emplace(snapshot(), state_);
    return reading_->order(query_of(state_), scope_);
  }

  Status resume() {
    const std::string cursor = request().cursor;
    const auto load = [&](const std::string& handle) {
      return ReadState::load(library_.index().directory(), handle, snapshot().visibility());
    };
    Result<ReadState> state = Error{ErrorKind::not_found, ""};
    if (!context_.keep_as.empty()) state = load(context_.keep_as);
    goes_on_ = state.ok();
    if (!state && cursor.empty()) return {};
    if (!state) state = load(cursor);
    if (!state) return state.error();
    const ReadChunksRequest given = std::move(request());
    state_ = std::move(state).value();
    request().cursor = cursor;
    request().max_tokens = given.max_tokens;
    request().deadline_s = given.deadline_s;
    request().dry_run = given.dry_run;
    request().notes = given.notes;
    const bool other = (!given.question.empty() && given.question != request().question) ||
                       (!given.documents.empty() && given.documents != request().documents);
    if (other) {
      request().notes.emplace_back("the cursor goes on with its own question and documents");
    }
    result_.index.changed = state_.revision != snapshot().revision();
    return {};
  }

  void prepare() {
    if (request().expand && !state_.prepared && options_.languages != nullptr) {
      state_.prepared =
          prepare_question(reader_, snapshot(), *options_.languages, request().question,
                           within_deadline(), state_.usage.calls, request().notes);
    }
    result_.prepared = state_.prepared;
  }

  void add_notes(ReadPage& page) {
    page.add_notes(request().notes);
    if (page.tight()) return;
    if (result_.index.indexing) {
      page.add_line("Note: indexing is under way; there may be more later.");
    }
    if (result_.index.changed) page.add_line("Note: the index has changed since the last answer.");
  }

  Status return_chunks() {
    const auto chunks = chunks_by_id(snapshot(), request());
    if (!chunks) return chunks.error();
    ReadPage page(snapshot(), *view_.tokens, request().max_tokens);
    add_notes(page);
    page.reserve_footer(footer_line("return_more", widest_cursor, page.tight()));
    const auto at = page.add_chunks(*chunks, {state_.position, state_.cut_bytes},
                                    ReadPage::Order::given, result_);
    if (!at) return at.error();
    state_.position = at->chunk;
    state_.cut_bytes = at->skip;
    if (at->chunk < chunks->size()) result_.next = "return_more";
    return finish(page);
  }

  Status plan() {
    result_.coverage = reading_->coverage();
    result_.status = ReadChunksResult::Status::partial;
    state_.usage.reader = reader_.name();
    result_.usage = state_.usage;
    result_.plan.emplace();
    if (Status s = reading_->plan(reader_, *result_.plan); !s) return s;
    ReadPage page(snapshot(), *view_.tokens, request().max_tokens);
    add_notes(page);
    page.add_line("Nothing was read: this is a plan. " + plan_line(*result_.plan));
    return finish(page);
  }

  CallContext within_deadline() const {
    CallContext context = context_;
    context.deadline =
        std::min(context.deadline,
                 context_.started + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(request().deadline_s)));
    return context;
  }

  Status read() {
    began_ = Clock::now();
    const CallContext context = within_deadline();
    state_.usage.reader = reader_.name();
    bool stopped_early = !state_.effort_done;
    if (Status s = collect(); !s) return s;
    // What an earlier answer had no room for comes before anything new.
    const bool reads =
        goes_on_ || request().cursor.empty() || (evidence_.empty() && relevant_left_ == 0);
    if (reads) {
      if (Status s = read_on(context); !s) return s;
      stopped_early = reading_->stopped_early();
      state_.effort_done = !stopped_early;
      if (Status s = collect(); !s) return s;
      if (stopped_early && !state_.usage.calls.bound.empty()) tell_bound();
    }
    if (request().answer && reads) write_answer(context);
    state_.usage.seconds += seconds_since(began_);
    return lay_out(stopped_early);
  }

  Status read_on(const CallContext& context) {
    // What a read that goes on has asked counts.
    const std::uint64_t asked = goes_on_ ? state_.usage.calls.calls : 0;
    const std::uint64_t most = options_.max_calls - std::min(asked, options_.max_calls);
    if (context.keep_as.empty()) {
      if (Status s = reading_->read(reader_, most, context); !s) return s;
    } else {
      auto next = Clock::now() + kKeepEvery;
      const auto judged = [&] {
        const auto begin = Clock::now();
        if (begin < next) return;
        keep(context.keep_as);
        const auto end = Clock::now();
        next = end + std::max<Clock::duration>(kKeepEvery, (end - begin) * kKeepShare);
      };
      if (Status s = reading_->read(reader_, most, context, judged); !s) return s;
      if (context.cancelled()) keep(context.keep_as);
    }
    if (context.cancelled()) return Error{ErrorKind::cancelled, "cancelled"};
    return {};
  }

  /// Where it cannot be kept, it is read again after a restart.
  void keep(const std::string& handle) {
    state_.revision = snapshot().revision();
    reading_->remember_in(state_);
    state_.handle = handle;
    const double seconds = state_.usage.seconds;
    state_.usage.seconds += seconds_since(began_);
    (void)state_.save(library_.index().directory());
    state_.usage.seconds = seconds;
    state_.handle.clear();
  }

  /// What the rest would take, where a bound on calls ended the reading.
  void tell_bound() {
    ReadState rest_state = state_;
    rest_state.request.effort = Effort::exhaustive;
    reading_->remember_in(rest_state);
    Reading rest(snapshot(), rest_state);
    ReadPlan plan;
    if (!rest.order(query_of(rest_state), scope_) || !rest.plan(reader_, plan, false)) return;
    request().notes.push_back("reading stopped at " + state_.usage.calls.bound + "; the rest, " +
                              quantity(plan.most.passages + plan.most.cached, "chunk") +
                              ", would take about " + quantity(plan.most.calls, "more call"));
    state_.usage.calls.bound.clear();
  }

  /// The evidence and the chunks that were not returned yet, in the order to return them in.
  Status collect() {
    auto order = rank_by_evidence(snapshot(), *reading_, query_of(state_), scope_, trust());
    if (!order) return order.error();
    auto evidence = gather_evidence(snapshot(), *reading_, *order, *view_.tokens);
    if (!evidence) return evidence.error();
    all_evidence_ = *evidence;
    evidence_ = std::move(evidence).value();
    std::erase_if(evidence_,
                  [&](const Evidence& e) { return state_.returned.contains(key_of(e)); });
    chunks_ = std::move(order).value();
    std::erase_if(
        chunks_, [&](const RankedChunk& chunk) { return state_.returned.contains(key_of(chunk)); });
    relevant_left_ = relevant_left();
    return {};
  }

  /// Relevant chunks that no answer has held yet.
  std::uint64_t relevant_left() const {
    std::uint64_t left = 0;
    for (const ChunkNumber chunk : reading_->relevant()) {
      if (!state_.returned.contains(key_of({chunk, 0}))) ++left;
    }
    return left;
  }

  Trust trust() const {
    const bool judged_by_model = request().by_caller || !reader_.identity().empty();
    return judged_by_model ? Trust::full : Trust::some;
  }

  static std::string key_of(const Evidence& evidence) {
    return evidence.chunk_id + "@" + std::to_string(evidence.location.byte_start);
  }
  std::string key_of(const RankedChunk& chunk) const {
    return chunk_id_of(snapshot(), chunk.chunk);
  }

  void write_answer(const CallContext& context) {
    std::string all;
    for (const Evidence& item : all_evidence_) all += key_of(item) + item.text;
    const std::uint64_t evidence = hash64(all);
    if (!state_.answer.empty() && state_.answered_for == evidence) return;
    Result<std::string> answer = std::string(kNothingTold);
    if (!all_evidence_.empty() || reader_.identity().empty()) answer = ask_for_answer(context);
    if (!answer) {
      request().notes.push_back(answer.error().message);
      return;
    }
    state_.answer = std::move(answer).value();
    state_.answered_for = evidence;
    state_.answer_returned = false;
  }

  Result<std::string> ask_for_answer(const CallContext& context) {
    std::vector<Passage> passages;
    for (const Evidence& item : all_evidence_) {
      Passage passage;
      passage.chunk_id = item.chunk_id;
      passage.document = item.document;
      passage.text = item.text;
      passages.push_back(std::move(passage));
    }
    const PreparedQuestion question =
        state_.prepared ? state_.prepared->question : PreparedQuestion{request().question, "", {}};
    return reader_.answer(question, passages, context, state_.usage.calls);
  }

  Status go_on_by_caller() {
    if (!state_.effort_done && !state_.finished) return hand_out();
    // What an earlier answer had no room for comes before anything new.
    if (Status s = collect(); !s) return s;
    if (!evidence_.empty() || relevant_left_ > 0) return conclude(state_.effort_done);
    state_.effort_done = false;
    state_.finished = false;
    return hand_out();
  }

  /// Chunks for the calling model, as many as the page holds.
  struct Pack {
    std::vector<FoundChunk> chunks;
    std::uint64_t too_large = 0;  // tokens of the chunk that did not fit; 0: all did
    bool skipped = false;         // some were judged before: there may be more behind them
  };

  Result<Pack> next_pack(ReadPage& page) {
    Pack pack;
    std::vector<std::pair<std::size_t, Verdict>> known;
    const auto take = [&](const Passage& passage) {
      const auto number = find_chunk(snapshot(), passage.chunk_id);
      if (!number) return false;
      if (auto verdict = remembered(passage)) {
        known.emplace_back(passage.number, std::move(*verdict));
        return true;
      }
      FoundChunk chunk = describe_chunk(snapshot(), *number);
      chunk.text = passage.text;
      const bool fits = page.add_passage(chunk, pack.chunks.size() + 1);
      if (!fits) pack.too_large = chunk.tokens;
      if (fits) pack.chunks.push_back(std::move(chunk));
      return fits;
    };
    if (Status s = reading_->hand_out(take); !s) return s.error();
    for (const auto& [position, verdict] : known) reading_->take(position, verdict);
    pack.skipped = !known.empty();
    return pack;
  }

  /// The chunks that the calling model is to read next; when there are none, what it found.
  Status hand_out() {
    state_.usage.reader = kCaller;
    ReadPage page(snapshot(), *view_.tokens, request().max_tokens);
    add_notes(page);
    page.reserve_footer(footer_line("submit_readings", widest_cursor, page.tight()));
    page.add_line("Read each of these chunks for: " + state_.sought());
    Pack pack;
    do {
      auto next = next_pack(page);
      if (!next) return next.error();
      pack = std::move(next).value();
    } while (pack.chunks.empty() && pack.too_large == 0 && pack.skipped);
    if (pack.chunks.empty() && pack.too_large > 0) {
      return Error{ErrorKind::invalid_argument,
                   "max_tokens: " + std::to_string(request().max_tokens) +
                       " has no room for the next chunk to read, of " +
                       quantity(pack.too_large, "token") + "; give " +
                       std::to_string(pack.too_large + kAroundAChunk) + " or more"};
    }
    if (pack.chunks.empty()) return conclude(true);
    result_.coverage = reading_->coverage();
    result_.status = ReadChunksResult::Status::partial;
    result_.usage = state_.usage;
    result_.chunks = std::move(pack.chunks);
    result_.next = "submit_readings";
    return finish(page);
  }

  Status take_readings(const std::vector<CallerReading>& readings) {
    for (const CallerReading& reading : readings) {
      const auto chunk = find_chunk(snapshot(), reading.chunk_id);
      if (!chunk && !parse_chunk_id(reading.chunk_id)) return chunk.error().within("readings");
      if (!chunk) {
        request().notes.push_back(reading.chunk_id + " is gone and was not counted");
        continue;
      }
      const auto judge = [&](const Passage& passage) {
        Verdict verdict = judge_quotes(passage, reading.sentences);
        if (options_.cache != nullptr) {
          const VerdictCache::Judged judged{cache_key(passage), &verdict};
          static_cast<void>(options_.cache->store({&judged, 1}));
        }
        return verdict;
      };
      const auto taken = reading_->submit(*chunk, judge);
      if (!taken) return taken.error().within("readings");
      if (*taken == Reading::Submitted::changed_since) {
        request().notes.push_back(reading.chunk_id +
                                  " has changed since you read it: read it again");
      } else if (*taken == Reading::Submitted::not_handed_out) {
        request().notes.push_back(reading.chunk_id + " was not handed out yet and was not counted");
      }
    }
    return {};
  }

  VerdictCache::Key cache_key(const Passage& passage) const {
    return VerdictCache::key(
        VerdictCache::question_hash(kCaller, state_.sought(), snapshot().visibility()),
        passage.text);
  }

  std::optional<Verdict> remembered(const Passage& passage) const {
    if (options_.cache == nullptr) return std::nullopt;
    return options_.cache->find(cache_key(passage), passage.text);
  }

  /// The end of a read by the caller.
  Status conclude(bool effort_done) {
    state_.effort_done = effort_done;
    state_.finished = true;
    state_.usage.reader = kCaller;
    if (Status s = collect(); !s) return s;
    return lay_out(!effort_done && reading_->coverage().unread > 0);
  }

  Status lay_out(bool stopped_early) {
    result_.coverage = reading_->coverage();
    if (result_.coverage.failed > 0 || stopped_early) {
      result_.status = ReadChunksResult::Status::partial;
    } else {
      result_.status = result_.coverage.relevant > 0 ? ReadChunksResult::Status::found
                                                     : ReadChunksResult::Status::nothing_relevant;
    }
    result_.usage = state_.usage;
    if (Status s = weigh_evidence(); !s) return s;

    // Where notes and long names take all the room, they are left out: a cursor must get on.
    for (const bool bare : {false, true}) {
      ReadPage page(snapshot(), *view_.tokens, request().max_tokens, bare);
      const auto shown = fill(page);
      if (!shown) return shown.error();
      const bool left = !evidence_.empty() || relevant_left_ > 0;
      if (*shown || !left) return finish(page);
    }
    ReadPage empty(snapshot(), *view_.tokens, request().max_tokens, true);
    result_.next.clear();
    return finish(empty);
  }

  /// Whether anything was shown.
  Result<bool> fill(ReadPage& page) {
    const bool first_page = state_.returned.empty();
    add_notes(page);
    page.reserve_footer(footer_line("return_more", widest_cursor, page.tight()));
    if (!page.tight()) add_preface(page, first_page);
    if (!state_.answer.empty() && !state_.answer_returned) {
      result_.answer = page.add_answer(state_.answer);
      state_.answer_returned = !result_.answer.empty();
      if (state_.answer_returned && result_.answer.size() < state_.answer.size()) {
        request().notes.emplace_back("the answer was cut to max_tokens");
      }
    }
    // Sentences that a reader of words alone took must not push out all the chunks.
    const bool shares =
        trust() == Trust::some && first_page && request().max_tokens >= kRoomForBoth;
    const std::size_t shown =
        page.add_evidence(evidence_, shares ? page.left() * 3 / 4 : 0, result_);
    for (std::size_t i = 0; i < shown; ++i) state_.returned.insert(key_of(evidence_[i]));
    const bool chunks_next = shown == evidence_.size() && (first_page || relevant_left_ > 0);
    if (chunks_next || shares) {
      const bool resumes = !chunks_.empty() && key_of(chunks_[0]) == state_.cut_chunk;
      const auto at = page.add_chunks(chunks_, {0, resumes ? state_.cut_bytes : 0},
                                      ReadPage::Order::document, result_);
      if (!at) return at.error();
      for (std::size_t i = 0; i < at->chunk; ++i) state_.returned.insert(key_of(chunks_[i]));
      state_.cut_chunk = at->skip > 0 ? key_of(chunks_[at->chunk]) : "";
      state_.cut_bytes = at->skip;
    }
    result_.next.clear();
    if (shown < evidence_.size() || relevant_left() > 0) {
      result_.next = "return_more";
    } else if (result_.coverage.unread > 0 || result_.coverage.failed > 0) {
      result_.next = "read_more";
    }
    if (page.tight()) page.add_line(summary_line(result_));
    return state_.answer_returned || !result_.evidence.empty() || !result_.chunks.empty();
  }

  Status weigh_evidence() {
    auto unknown = unknown_terms(snapshot(), state_.sought());
    if (!unknown) return unknown.error();
    result_.unknown_terms = std::move(unknown).value();
    const auto strength =
        evidence_strength(snapshot(), state_.sought(), all_evidence_, trust() == Trust::full);
    if (!strength) return strength.error();
    result_.strength = *strength;
    return {};
  }

  void add_preface(ReadPage& page, bool first_page) const {
    page.add_line(summary_line(result_));
    if (!first_page) return;
    if (result_.coverage.relevant == 0 && !chunks_.empty()) {
      page.add_line("The chunks nearest by their words follow; another wording may find more.");
    }
    if (result_.strength == EvidenceStrength::weak) {
      page.add_line("The evidence is weak: it may not answer the question.");
    }
    std::string terms;
    for (std::size_t i = 0; i < result_.unknown_terms.size() && i < kShownTerms; ++i) {
      terms += (terms.empty() ? "" : ", ") + on_its_line(result_.unknown_terms[i]);
    }
    if (!terms.empty()) page.add_line("In no document: " + terms);
    for (std::size_t i = 0; i < result_.coverage.failures.size() && i < kShownFailures; ++i) {
      const Coverage::Failure& failure = result_.coverage.failures[i];
      page.add_line("Failed: " + failure.chunk_id + ": " + on_its_line(failure.reason));
    }
  }

  Status finish(ReadPage& page) {
    if (!result_.next.empty()) {
      state_.revision = snapshot().revision();
      if (reading_) reading_->remember_in(state_);
      if (goes_on_) state_.handle.clear();  // of what was kept; the cursor is another one
      // Without a place to keep it there is no cursor; the answer itself stands.
      if (state_.save(library_.index().directory())) {
        result_.next_cursor = state_.handle;
      } else {
        result_.next.clear();
      }
    }
    result_.notes = request().notes;
    page.finish(footer_line(result_.next, result_.next_cursor, page.tight()), result_);
    return {};
  }

  Library& library_;
  Reader& reader_;
  const ReadChunks::Options& options_;
  const CallContext& context_;
  LibraryView view_;
  ReadState state_;
  Scope scope_;
  std::optional<Reading> reading_;
  Clock::time_point began_;  // to read
  bool goes_on_ = false;     // from what an earlier call has kept
  ReadChunksResult result_;
  std::vector<Evidence> all_evidence_;
  std::vector<Evidence> evidence_;   // not returned yet
  std::vector<RankedChunk> chunks_;  // not returned yet, those with evidence first
  std::uint64_t relevant_left_ = 0;  // when this answer began
};

Result<ReadChunksResult> ReadChunks::run(ReadChunksRequest request,
                                         const CallContext& context) const {
  return ReadChunksCall(library_, reader_, options_, context).run(std::move(request));
}

Result<ReadChunksResult> ReadChunks::submit(const SubmitReadingsRequest& request,
                                            const CallContext& context) const {
  return ReadChunksCall(library_, reader_, options_, context).submit(request);
}

}  // namespace callslip
