// OpenAiReader: a Reader that asks a chat model, as many passages a call as its window holds.
//
// Immutable but for what is self-synchronised: any number of threads may read at once. Nothing that
// the model says becomes evidence: its quotes are found in the passage, or rejected.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/chat_request.h"
#include "tools/model_client.h"
#include "tools/pack_reading.h"
#include "tools/reader.h"

namespace callslip {

/// Of a model, per million tokens, in whatever currency.
struct ReaderPrice {
  double prompt = 0;
  double completion = 0;
};

struct OpenAiReaderOptions {
  std::vector<std::string> urls;  // bases, such as http://HOST:PORT/v1
  std::string model;
  std::string api_key;
  std::size_t concurrency = 8;
  std::chrono::milliseconds request_timeout{30000};
  std::size_t max_attempts = 4;
  std::chrono::milliseconds first_backoff{250};
  std::optional<std::uint64_t> context_tokens;  // the model's window; else what its endpoint tells
  std::optional<ReaderPrice> price;
  std::function<bool()> may_call;    // asked before each call; empty: always
  std::function<void()> not_called;  // told when such a call found no connection; may be empty
};

class OpenAiReader : public Reader {
 public:
  /// Where neither the options nor the endpoint tell the window.
  static constexpr std::uint64_t default_context_tokens = 8192;
  /// What an endpoint tells is used up to this: models overlook more in longer prompts.
  static constexpr std::uint64_t most_context_tokens = 32768;

  /// ErrorKind::invalid_argument when an option is unusable.
  static Result<std::unique_ptr<OpenAiReader>> create(OpenAiReaderOptions options);

  std::string name() const override { return options_.model; }
  std::string identity() const override;

  /// A passage of whose quotes none is there is Kind::none with rejected_quotes; one that the reply
  /// passes over is asked for once more, and is then Kind::failed.
  ReaderUsage read(const std::string& question, PassageSource& source, std::uint64_t max_calls,
                   const CallContext& context, const OnVerdict& on_verdict) override;

  ReaderPlan plan(const std::string& question, PassageSource& source) const override;

  /// Gives the model as much of the evidence as its window holds, the first first. Citations of
  /// what is not in that are taken out. Errors: cancelled, and unavailable for
  /// a deadline that passed or a model that failed.
  Result<std::string> answer(const PreparedQuestion& question, std::span<const Passage> evidence,
                             const CallContext& context, ReaderUsage& usage) override;

  Result<PreparedQuestion> prepare(const std::string& question,
                                   std::span<const std::string> languages,
                                   const CallContext& context, ReaderUsage& usage) override;

 private:
  OpenAiReader(OpenAiReaderOptions options, std::unique_ptr<ModelClient> client);

  void learn_window(const CallContext& context) const;
  std::size_t fitting(const PreparedQuestion& question, std::span<const Passage> evidence) const;
  /// One call; a reply that says nothing is asked for once more.
  Result<std::string> ask(const std::string& prompt, const CallContext& context,
                          ReaderUsage& usage);

  const OpenAiReaderOptions options_;
  const std::unique_ptr<ModelClient> client_;
  ChatRequest chat_;
  mutable ContextWindow window_;  // what is learned of the endpoint
};

}  // namespace callslip
