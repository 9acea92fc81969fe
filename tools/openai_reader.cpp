#include "tools/openai_reader.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "index/sentences.h"
#include "index/utf8_steps.h"
#include "tools/citations.h"
#include "tools/prompts.h"
#include "tools/quote_locator.h"
#include "tools/reader_reply.h"

namespace callslip {
namespace {

using Next = ModelClient::Next;

Verdict failed(std::string reason) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::failed;
  verdict.reason = std::move(reason);
  return verdict;
}

/// What the passage holds of the reply.
Verdict judge(const Passage& passage, const ReaderReply& reply) {
  const std::vector<ByteSpan> sentences = split_sentences(passage.text, passage.kind);
  const QuoteLocator locator(passage.text, sentences);
  Verdict verdict;
  for (const std::string& quote : reply.quotes) {
    QuoteMatch match = locator.locate(quote);
    if (!match.found()) match = locator.locate(without_list_mark(quote));
    // "Relevant sentences:" is no quote.
    const bool comment = !match.found() && utf8::trim(quote).back() == ':';
    if (!comment) verdict.rejected_quotes += match.rejected;
    verdict.sentences.insert(verdict.sentences.end(), match.sentences.begin(),
                             match.sentences.end());
  }
  auto& found = verdict.sentences;
  std::sort(found.begin(), found.end(), [](ByteSpan a, ByteSpan b) { return a.start < b.start; });
  found.erase(std::unique(found.begin(), found.end()), found.end());
  if (!found.empty()) {
    verdict.kind = Verdict::Kind::relevant;
  } else if (reply.says_none) {
    verdict.rejected_quotes = 0;  // what stands beside "None" are reasons
  }
  return verdict;
}

std::string why_unintelligible(const ModelReply& reply) {
  return reply.cut_off ? "the model used up its tokens before it replied" : "unintelligible reply";
}

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
    : options_(std::move(options)), client_(std::move(client)) {}

ReaderUsage OpenAiReader::read(const std::string& question, std::span<const Passage> passages,
                               const CallContext& context, const OnVerdict& on_verdict) {
  std::vector<Ask> asks(passages.size());
  const auto body = [&](std::size_t i) {
    return body_of(read_prompt(question, passages[i]), asks[i]);
  };
  const auto on_reply = [&](std::size_t i, const Result<ModelReply>& reply) {
    if (!reply.ok()) {
      if (refuses_options(reply.error(), asks[i])) return Next::again;
      on_verdict(i, failed(reply.error().message));
      return Next::done;
    }
    const ReaderReply parsed = parse_reader_reply(reply->text);
    if (!parsed.unintelligible()) {
      on_verdict(i, judge(passages[i], parsed));
      return Next::done;
    }
    if (!std::exchange(asks[i].repeated, true)) return Next::again;
    on_verdict(i, failed(why_unintelligible(*reply)));
    return Next::done;
  };
  return client_->run(passages.size(), context, body, on_reply);
}

Result<std::string> OpenAiReader::answer(const std::string& question,
                                         std::span<const Passage> evidence,
                                         const CallContext& context, ReaderUsage& usage) {
  const std::string prompt = answer_prompt(question, evidence);
  Result<std::string> answer =
      context.cancelled()
          ? Error{ErrorKind::cancelled, "cancelled"}
          : Error{ErrorKind::unavailable, "the deadline passed before the model had answered"};
  Ask ask;
  bool answered = false;
  const auto body = [&](std::size_t) { return body_of(prompt, ask); };
  const auto on_reply = [&](std::size_t, const Result<ModelReply>& reply) {
    if (!reply.ok()) {
      if (refuses_options(reply.error(), ask)) return Next::again;
      answer = Error{ErrorKind::unavailable, reply.error().message}.within("asking the model");
      answered = true;
      return Next::done;
    }
    const std::string_view text = without_thinking(reply->text);
    if (text.empty()) {
      if (!std::exchange(ask.repeated, true)) return Next::again;
      answer = Error{ErrorKind::unavailable, why_unintelligible(*reply)}.within("asking the model");
    } else {
      std::unordered_set<std::string> ids;
      for (const Passage& passage : evidence) ids.insert(passage.chunk_id);
      answer = keep_known_citations(text, ids);
    }
    answered = true;
    return Next::done;
  };
  const ReaderUsage spent = client_->run(1, context, body, on_reply);
  usage.calls += spent.calls;
  usage.prompt_tokens += spent.prompt_tokens;
  usage.completion_tokens += spent.completion_tokens;
  if (!answered && context.cancelled()) return Error{ErrorKind::cancelled, "cancelled"};
  return answer;
}

std::string OpenAiReader::body_of(const std::string& prompt, Ask& ask) const {
  nlohmann::json body = {{"model", options_.model},
                         {"messages", {{{"role", "user"}, {"content", prompt}}}},
                         {"stream", false}};
  ask.plain = plain_;
  if (!ask.plain) {
    body["max_tokens"] = options_.max_completion_tokens;
    // The same reply twice would be no use.
    body["temperature"] = ask.repeated ? 0.5 : 0.0;
  }
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Some hosted models know neither; their "HTTP 400" names what they do not take.
bool OpenAiReader::refuses_options(const Error& error, const Ask& ask) {
  constexpr std::array names = {"max_tokens", "max_completion_tokens", "temperature"};
  const bool named = std::any_of(names.begin(), names.end(), [&error](const char* name) {
    return error.message.find(name) != std::string::npos;
  });
  if (ask.plain || error.message.rfind("HTTP 400", 0) != 0 || !named) return false;
  plain_ = true;
  return true;
}

}  // namespace callslip
