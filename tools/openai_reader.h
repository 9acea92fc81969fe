// OpenAiReader: a Reader that asks a chat model, one call per passage.
//
// Immutable but for what is self-synchronised: any number of threads may read at once. Nothing that
// the model says becomes evidence: its quotes are found in the passage, or rejected.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tools/model_client.h"
#include "tools/reader.h"

namespace callslip {

struct OpenAiReaderOptions {
  std::vector<std::string> urls;  // bases, such as http://HOST:PORT/v1
  std::string model;
  std::string api_key;
  std::size_t concurrency = 8;
  std::chrono::milliseconds request_timeout{30000};
  std::size_t max_attempts = 4;
  std::size_t max_completion_tokens = 2048;
  std::chrono::milliseconds first_backoff{250};
};

class OpenAiReader : public Reader {
 public:
  /// ErrorKind::invalid_argument when an option is unusable.
  static Result<std::unique_ptr<OpenAiReader>> create(OpenAiReaderOptions options);

  std::string name() const override { return options_.model; }

  /// A reply of made-up quotes alone is Kind::none with rejected_quotes; one that says nothing at
  /// all is asked for once more, and is then Kind::failed.
  ReaderUsage read(const std::string& question, std::span<const Passage> passages,
                   const CallContext& context, const OnVerdict& on_verdict) override;

  /// Citations of what is not in the evidence are taken out. Errors: cancelled, and unavailable for
  /// a deadline that passed or a model that failed.
  Result<std::string> answer(const std::string& question, std::span<const Passage> evidence,
                             const CallContext& context, ReaderUsage& usage) override;

 private:
  OpenAiReader(OpenAiReaderOptions options, std::unique_ptr<ModelClient> client);

  /// One request over its attempts.
  struct Ask {
    bool plain = false;     // asked without options that this model refuses
    bool repeated = false;  // an unintelligible reply was asked for again
  };

  std::string body_of(const std::string& prompt, Ask& ask) const;
  bool refuses_options(const Error& error, const Ask& ask);

  const OpenAiReaderOptions options_;
  const std::unique_ptr<ModelClient> client_;
  std::atomic<bool> plain_ = false;  // the model refuses max_tokens or temperature
};

}  // namespace callslip
