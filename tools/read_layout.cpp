// The page that tells what a read has found, within its budget.
#include "tools/evidence.h"
#include "tools/read_chunks_call.h"
#include "tools/read_summary.h"

namespace callslip {
namespace {

constexpr std::size_t kShownFailures = 3;  // in the text; more are in the structured content
constexpr std::size_t kShownTerms = 12;
constexpr std::size_t kRoomForBoth = 1000;  // tokens, for evidence and chunks

}  // namespace

Status ReadChunksCall::lay_out(bool stopped_early) {
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

Result<bool> ReadChunksCall::fill(ReadPage& page) {
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
  const bool shares = trust() == Trust::some && first_page && request().max_tokens >= kRoomForBoth;
  const std::size_t shown = page.add_evidence(evidence_, shares ? page.left() * 3 / 4 : 0, result_);
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

Status ReadChunksCall::weigh_evidence() {
  auto unknown = unknown_terms(snapshot(), state_.sought());
  if (!unknown) return unknown.error();
  result_.unknown_terms = std::move(unknown).value();
  const auto strength =
      evidence_strength(snapshot(), state_.sought(), all_evidence_, trust() == Trust::full);
  if (!strength) return strength.error();
  result_.strength = *strength;
  return {};
}

void ReadChunksCall::add_preface(ReadPage& page, bool first_page) const {
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

}  // namespace callslip
