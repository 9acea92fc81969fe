#include "tools/openai_reader.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "tools/citations.h"
#include "tools/context_window.h"
#include "tools/prompts.h"
#include "tools/question_preparation.h"
#include "tools/reader_reply.h"

namespace callslip {
namespace {

// What a plan assumes where nothing was measured yet: a small model on one graphics card.
constexpr double kAssumedLatency = 2.0;
constexpr std::uint64_t kReplyTokensPerPassage = 12;  // `"7": [], ` and now and then a sentence

Error cancelled_or_expired(const CallContext& context) {
  if (context.cancelled()) return {ErrorKind::cancelled, "cancelled"};
  return {ErrorKind::unavailable, "the deadline passed before the model had answered"};
}

/// One prompt, asked until there is a reply with words in it.
class OneCall : public ModelWork {
 public:
  OneCall(ChatRequest& chat, const std::string& prompt, std::uint64_t reply_tokens,
          const OpenAiReaderOptions& options)
      : chat_(chat), prompt_(prompt), reply_tokens_(reply_tokens), options_(options) {}

  std::optional<std::size_t> next() override {
    return std::exchange(asked_, true) ? std::nullopt : std::optional<std::size_t>(0);
  }
  bool may_call() override {
    const bool may = !options_.may_call || options_.may_call();
    if (!may) result = Error{ErrorKind::unavailable, "the bound of calls for one day is reached"};
    return may;
  }
  void not_called() override {
    result.reset();
    if (options_.not_called) options_.not_called();
  }
  std::string body(std::size_t) override {
    form_ = chat_.form();
    return chat_.body(prompt_, 0, reply_tokens_, repeated_, form_);
  }
  bool learn(std::size_t, const Error& refusal) override { return chat_.learn(refusal, form_); }
  Next take(std::size_t, const Result<ModelReply>& reply) override {
    if (!reply.ok()) {
      result = Error{ErrorKind::unavailable, reply.error().message};
      return Next::done;
    }
    const std::string_view text = without_thinking(reply->text);
    if (!text.empty()) {
      result = std::string(text);
      return Next::done;
    }
    if (!std::exchange(repeated_, true)) return Next::again;
    result = Error{ErrorKind::unavailable, reply->cut_off
                                               ? "the model used up its tokens before it replied"
                                               : "unintelligible reply"};
    return Next::done;
  }

  std::optional<Result<std::string>> result;

 private:
  ChatRequest& chat_;
  const std::string& prompt_;
  const std::uint64_t reply_tokens_;
  const OpenAiReaderOptions& options_;
  ChatRequest::Form form_;
  bool asked_ = false;
  bool repeated_ = false;
};

}  // namespace

Result<std::unique_ptr<OpenAiReader>> OpenAiReader::create(OpenAiReaderOptions options) {
  if (options.model.empty()) {
    return Error{ErrorKind::invalid_argument,
                 "a reader URL needs the model's name there: give --reader-model"};
  }
  ModelClientOptions client;
  client.urls = options.urls;
  client.api_key = options.api_key;
  client.concurrency = options.concurrency;
  client.max_attempts = options.max_attempts;
  client.request_timeout = options.request_timeout;
  client.connect_timeout = std::min(client.connect_timeout, options.request_timeout);
  client.first_backoff = options.first_backoff;
  Result<std::unique_ptr<ModelClient>> made = ModelClient::create(std::move(client));
  if (!made.ok()) return made.error();
  return std::unique_ptr<OpenAiReader>(
      new OpenAiReader(std::move(options), std::move(made).value()));
}

OpenAiReader::OpenAiReader(OpenAiReaderOptions options, std::unique_ptr<ModelClient> client)
    : options_(std::move(options)),
      client_(std::move(client)),
      chat_(options_.model),
      window_(options_.context_tokens.value_or(default_context_tokens)) {}

std::string OpenAiReader::identity() const { return options_.model + "\n" + read_prompt_version(); }

void OpenAiReader::learn_window(const CallContext& context) const {
  if (options_.context_tokens) return;
  const auto told = client_->context_window(options_.model, context);
  // Less may have been learned from a refusal.
  if (told && window_.tokens() == default_context_tokens) {
    window_.set(std::min(*told, most_context_tokens));
  }
}

ReaderUsage OpenAiReader::read(const std::string& question, PassageSource& source,
                               std::uint64_t max_calls, const CallContext& context,
                               const OnVerdict& on_verdict) {
  learn_window(context);
  PackReading work({chat_, window_, options_.may_call, options_.not_called}, question, source,
                   max_calls, on_verdict);
  ReaderUsage usage = client_->run(work, context);
  usage.bound = work.bound();
  return usage;
}

ReaderPlan OpenAiReader::plan(const std::string& question, PassageSource& source) const {
  learn_window({});
  const std::uint64_t room = window_.room(question);
  ReaderPlan plan;
  std::uint64_t taken = 0;
  std::size_t packed = 0;
  while (const auto passage = source.next()) {
    const std::uint64_t tokens = ContextWindow::tokens_of(*passage);
    if (packed == 0 || packed == PackReading::most_passages || taken + tokens > room) {
      ++plan.calls;
      plan.prompt_tokens += window_.tokens() - window_.reply_tokens() - room;
      taken = 0;
      packed = 0;
    }
    taken += tokens;
    ++packed;
    ++plan.passages;
    plan.tokens += passage->tokens;
    plan.prompt_tokens += tokens;
    plan.completion_tokens += kReplyTokensPerPassage;
  }
  const auto latency = client_->typical_latency();
  const double rounds =
      std::max(1.0, static_cast<double>(plan.calls) / static_cast<double>(options_.concurrency));
  if (plan.calls > 0) plan.seconds = rounds * (latency ? latency->count() : kAssumedLatency);
  if (options_.price) {
    constexpr double million = 1e6;
    plan.price = (static_cast<double>(plan.prompt_tokens) * options_.price->prompt +
                  static_cast<double>(plan.completion_tokens) * options_.price->completion) /
                 million;
  }
  return plan;
}

Result<std::string> OpenAiReader::ask(const std::string& prompt, const CallContext& context,
                                      ReaderUsage& usage) {
  OneCall call(chat_, prompt, window_.reply_tokens(), options_);
  usage.add(client_->run(call, context));
  if (!call.result) return cancelled_or_expired(context);
  if (!call.result->ok()) return call.result->error().within("asking the model");
  return std::move(*call.result);
}

Result<std::string> OpenAiReader::answer(const PreparedQuestion& question,
                                         std::span<const Passage> evidence,
                                         const CallContext& context, ReaderUsage& usage) {
  learn_window(context);
  for (std::size_t most = evidence.size();;) {
    const auto given = evidence.first(std::min(most, fitting(question, evidence)));
    const std::string prompt = answer_prompt(question, given);
    const std::uint64_t asked = window_.reply_tokens() + ContextWindow::tokens_of_text(prompt);
    const auto text = ask(prompt, context, usage);
    if (text) {
      std::unordered_set<std::string> ids;
      for (const Passage& passage : given) ids.insert(passage.chunk_id);
      return keep_known_citations(*text, ids);
    }
    const auto overflow = told_overflow(text.error().message);
    if (!overflow || given.size() <= 1) return text.error();
    window_.learn_from(*overflow, asked);
    most = given.size() / 2;
  }
}

/// How many of the first pieces of evidence the model's window holds.
std::size_t OpenAiReader::fitting(const PreparedQuestion& question,
                                  std::span<const Passage> evidence) const {
  std::uint64_t taken =
      window_.reply_tokens() + ContextWindow::tokens_of_text(answer_prompt(question, {}));
  std::size_t count = 0;
  for (const Passage& passage : evidence) {
    // What stands around it is in its language, too.
    taken += ContextWindow::tokens_of_text(passage.text) + passage_overhead(passage) / 2;
    if (count > 0 && taken > window_.tokens()) break;
    ++count;
  }
  return count;
}

Result<PreparedQuestion> OpenAiReader::prepare(const std::string& question,
                                               std::span<const std::string> languages,
                                               const CallContext& context, ReaderUsage& usage) {
  auto text = ask(prepare_prompt(question, languages), context, usage);
  if (!text) return text.error();
  return parse_prepared_question(*text, question);
}

void ReaderUsage::add(const ReaderUsage& other) {
  calls += other.calls;
  prompt_tokens += other.prompt_tokens;
  completion_tokens += other.completion_tokens;
  if (!other.bound.empty()) bound = other.bound;
}

}  // namespace callslip
