// ModelClient: calls OpenAI-compatible /chat/completions endpoints, many calls at once.
//
// Immutable but for what is self-synchronised: any number of threads may run at once. Each run
// drives its transfers (curl_multi_poll) on the thread that called it and calls back on that thread
// only; the bound on calls in flight and what is known of the endpoints hold over all runs
// together. The key is in no message.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "index/result.h"
#include "tools/call_context.h"
#include "tools/model_reply.h"
#include "tools/reader.h"

namespace callslip {

struct ModelClientOptions {
  std::vector<std::string> urls;  // bases, such as http://HOST:PORT/v1; the least loaded is called
  std::string api_key;            // empty: none is sent
  std::size_t concurrency = 8;    // calls in flight
  std::size_t max_attempts = 4;   // of one request, the first one included
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds request_timeout{30000};
  std::chrono::milliseconds first_backoff{250};  // doubles with each attempt, less some jitter
  std::chrono::milliseconds longest_backoff{8000};
  std::chrono::milliseconds longest_retry_after{30000};
  std::size_t max_reply_bytes = 4U << 20U;
};

/// The requests of one run. Called on the thread of the run only.
class ModelWork {
 public:
  enum class Next { done, again };

  virtual ~ModelWork() = default;

  /// A further request, by a number of its own; nothing when there is none now. Asked again after
  /// each reply: the run ends when there is none and no request is under way.
  virtual std::optional<std::size_t> next() = 0;
  /// Whether one more call may be made, for any request; asked before each. Once false, none is.
  virtual bool may_call() = 0;
  /// A call that was allowed found no connection: like the usage, bounds need not count it.
  virtual void not_called() {}
  /// The JSON to post; asked for each attempt.
  virtual std::string body(std::size_t request) = 0;
  /// Told what an endpoint said when it refused the request, all of it but the key, before take()
  /// gets a short form. True: it is posted once more, otherwise; who says so must bound it.
  virtual bool learn(std::size_t /*request*/, const Error& /*refusal*/) { return false; }
  /// Takes the reply, or the failure after all attempts. `again` posts the request once more, with
  /// as many attempts as a new one; who says so must bound it.
  virtual Next take(std::size_t request, const Result<ModelReply>& reply) = 0;
};

class ModelClient {
 public:
  /// ErrorKind::invalid_argument when an option is unusable, a URL for instance.
  static Result<std::unique_ptr<ModelClient>> create(ModelClientOptions options);
  ~ModelClient();
  ModelClient(const ModelClient&) = delete;
  ModelClient& operator=(const ModelClient&) = delete;

  /// Posts the requests. Connection errors, timeouts and the statuses 408, 429, 500, 502, 503, 504
  /// and 529 are tried again, after the wait that the endpoint asks for. Returns when each has its
  /// reply, or once the context stops or no call may be made: the connections of calls in flight
  /// are closed when the context stops, and their requests get no reply.
  ReaderUsage run(ModelWork& work, const CallContext& context);

  /// How many tokens the endpoints say that a prompt and its reply may have together: the least of
  /// them; nothing where none says. Asks each once, for at most 2 seconds.
  std::optional<std::uint64_t> context_window(const std::string& model, const CallContext& context);

  /// Of the calls answered lately; nothing before the first.
  std::optional<std::chrono::duration<double>> typical_latency() const;

 private:
  struct Shared;
  explicit ModelClient(std::unique_ptr<Shared> shared);
  std::unique_ptr<Shared> shared_;
};

}  // namespace callslip
