// ModelClient: calls OpenAI-compatible /chat/completions endpoints, many calls at once.
//
// Immutable but for what is self-synchronised: any number of threads may run at once. Each run
// drives its transfers on the thread that called it and calls back on that thread only; the bound
// on calls in flight holds over all runs together. The key is in no message.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
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

class ModelClient {
 public:
  /// The JSON to post for a request; asked again for each attempt.
  using Body = std::function<std::string(std::size_t request)>;
  enum class Next { done, again };
  /// Takes the reply, or the failure after all attempts. `again` posts the request once more, with
  /// as many attempts as a new one; who says so must bound it.
  using OnReply = std::function<Next(std::size_t request, const Result<ModelReply>& reply)>;

  /// ErrorKind::invalid_argument when an option is unusable, a URL for instance.
  static Result<std::unique_ptr<ModelClient>> create(ModelClientOptions options);
  ~ModelClient();
  ModelClient(const ModelClient&) = delete;
  ModelClient& operator=(const ModelClient&) = delete;

  /// Posts the requests 0..requests-1, lower ones first. Connection errors, timeouts and the
  /// statuses 408, 429, 500, 502, 503, 504 and 529 are tried again, after the wait that the
  /// endpoint asks for. Returns when each has its reply, or once the context stops: the connections
  /// of calls in flight are closed then, and their requests get no reply.
  ReaderUsage run(std::size_t requests, const CallContext& context, const Body& body,
                  const OnReply& on_reply);

  const ModelClientOptions& options() const;

 private:
  struct Shared;
  explicit ModelClient(std::unique_ptr<Shared> shared);
  std::unique_ptr<Shared> shared_;
};

}  // namespace callslip
