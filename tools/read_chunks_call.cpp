#include "tools/read_chunks_call.h"

#include <algorithm>

#include "index/hash.h"
#include "tools/chunk_selection.h"
#include "tools/evidence.h"
#include "tools/read_summary.h"

namespace callslip {
namespace {

constexpr std::chrono::seconds kKeepEvery{5};
constexpr int kKeepShare = 20;  // keeping takes at most this part of the time
constexpr std::string_view kNothingTold = "The documents that were read do not tell.";

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
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

Result<ReadChunksResult> ReadChunksCall::run(ReadChunksRequest request) {
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

Result<ReadChunksResult> ReadChunksCall::submit(const SubmitReadingsRequest& request) {
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

std::string ReadChunksCall::key_of(const Evidence& evidence) {
  return evidence.chunk_id + "@" + std::to_string(evidence.location.byte_start);
}

std::string ReadChunksCall::key_of(const RankedChunk& chunk) const {
  return chunk_id_of(snapshot(), chunk.chunk);
}

Status ReadChunksCall::open() {
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

Status ReadChunksCall::resume() {
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

void ReadChunksCall::prepare() {
  if (request().expand && !state_.prepared && options_.languages != nullptr) {
    state_.prepared = prepare_question(reader_, snapshot(), *options_.languages, request().question,
                                       within_deadline(), state_.usage.calls, request().notes);
  }
  result_.prepared = state_.prepared;
}

void ReadChunksCall::add_notes(ReadPage& page) {
  page.add_notes(request().notes);
  if (page.tight()) return;
  if (result_.index.indexing) {
    page.add_line("Note: indexing is under way; there may be more later.");
  }
  if (result_.index.changed) page.add_line("Note: the index has changed since the last answer.");
}

Status ReadChunksCall::return_chunks() {
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

Status ReadChunksCall::plan() {
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

CallContext ReadChunksCall::within_deadline() const {
  CallContext context = context_;
  context.deadline =
      std::min(context.deadline,
               context_.started + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(request().deadline_s)));
  return context;
}

Status ReadChunksCall::read() {
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

Status ReadChunksCall::read_on(const CallContext& context) {
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

void ReadChunksCall::keep(const std::string& handle) {
  state_.revision = snapshot().revision();
  reading_->remember_in(state_);
  state_.handle = handle;
  const double seconds = state_.usage.seconds;
  state_.usage.seconds += seconds_since(began_);
  (void)state_.save(library_.index().directory());
  state_.usage.seconds = seconds;
  state_.handle.clear();
}

void ReadChunksCall::tell_bound() {
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

void ReadChunksCall::write_answer(const CallContext& context) {
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

Result<std::string> ReadChunksCall::ask_for_answer(const CallContext& context) {
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

Status ReadChunksCall::finish(ReadPage& page) {
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

Status ReadChunksCall::collect() {
  auto order = rank_by_evidence(snapshot(), *reading_, query_of(state_), scope_, trust());
  if (!order) return order.error();
  auto evidence = gather_evidence(snapshot(), *reading_, *order, *view_.tokens);
  if (!evidence) return evidence.error();
  all_evidence_ = *evidence;
  evidence_ = std::move(evidence).value();
  std::erase_if(evidence_, [&](const Evidence& e) { return state_.returned.contains(key_of(e)); });
  chunks_ = std::move(order).value();
  std::erase_if(chunks_,
                [&](const RankedChunk& chunk) { return state_.returned.contains(key_of(chunk)); });
  relevant_left_ = relevant_left();
  return {};
}

std::uint64_t ReadChunksCall::relevant_left() const {
  std::uint64_t left = 0;
  for (const ChunkNumber chunk : reading_->relevant()) {
    if (!state_.returned.contains(key_of({chunk, 0}))) ++left;
  }
  return left;
}

Trust ReadChunksCall::trust() const {
  const bool judged_by_model = request().by_caller || !reader_.identity().empty();
  return judged_by_model ? Trust::full : Trust::some;
}

}  // namespace callslip
