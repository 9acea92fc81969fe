#include "tools/model_client.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "index/text/utf8_steps.h"
#include "tools/context_window.h"
#include "tools/model_run.h"

namespace callslip {
namespace {

struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
using MultiHandle = std::unique_ptr<CURLM, FreeMulti>;

struct FreeHeaders {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeHeaders>;

Headers make_headers(const std::string& api_key) {
  Headers headers;
  const auto add = [&headers](const std::string& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
  };
  add("Content-Type: application/json");
  add("Accept: application/json");
  add("Expect:");
  if (!api_key.empty()) add("Authorization: Bearer " + api_key);
  return headers;
}

bool is_header_text(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

void start_curl_once() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(started);
}

}  // namespace

struct ModelClient::Shared {
  Shared(ModelClientOptions chosen, std::vector<Endpoint> at)
      : options(std::move(chosen)),
        headers(make_headers(options.api_key)),
        endpoints(std::move(at), {.concurrency = options.concurrency}) {}

  /// Idle handles are kept because connections live in them.
  MultiHandle take_multi() {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        MultiHandle multi = std::move(idle.back());
        idle.pop_back();
        return multi;
      }
    }
    MultiHandle multi(curl_multi_init());
    curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(options.concurrency));
    return multi;
  }

  void return_multi(MultiHandle multi) {
    constexpr std::size_t most = 4;
    const std::lock_guard lock(mutex);
    if (idle.size() < most) idle.push_back(std::move(multi));
  }

  const ModelClientOptions options;
  const Headers headers;
  EndpointPool endpoints;
  std::mutex mutex;
  std::vector<MultiHandle> idle;        // guarded by mutex
  bool window_known = false;            // guarded by mutex
  std::optional<std::uint64_t> window;  // guarded by mutex
};

Result<std::unique_ptr<ModelClient>> ModelClient::create(ModelClientOptions options) {
  const auto invalid = [](const char* message) {
    return Error{ErrorKind::invalid_argument, message};
  };
  if (options.urls.empty()) return invalid("no reader URL is given");
  if (options.concurrency == 0) return invalid("the reader's concurrency must be at least 1");
  if (options.max_attempts == 0) return invalid("the reader needs at least 1 attempt");
  // Keys come from files and shells, often with a line end.
  options.api_key = std::string(utf8::trim(options.api_key));
  if (!is_header_text(options.api_key)) {
    return invalid("CALLSLIP_READER_KEY holds characters that no HTTP header may");
  }
  std::vector<Endpoint> endpoints;
  for (const std::string& url : options.urls) {
    Result<Endpoint> endpoint = parse_endpoint(url);
    if (!endpoint.ok()) return endpoint.error();
    endpoints.push_back(std::move(endpoint).value());
  }
  start_curl_once();
  return std::unique_ptr<ModelClient>(
      new ModelClient(std::make_unique<Shared>(std::move(options), std::move(endpoints))));
}

ModelClient::ModelClient(std::unique_ptr<Shared> shared) : shared_(std::move(shared)) {}

ModelClient::~ModelClient() = default;

ReaderUsage ModelClient::run(ModelWork& work, const CallContext& context) {
  MultiHandle multi = shared_->take_multi();
  ReaderUsage usage;
  {
    // Declared first, destroyed last but for the handle: until then a stop may wake it.
    const std::stop_callback wake(context.stop, [&multi] { curl_multi_wakeup(multi.get()); });
    const ModelRun::Setting setting{shared_->options, shared_->endpoints, shared_->headers.get(),
                                    multi.get()};
    usage = ModelRun(setting, work, context).run();
  }
  shared_->return_multi(std::move(multi));
  return usage;
}

std::optional<std::uint64_t> ModelClient::context_window(const std::string& model,
                                                         const CallContext& context) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->window_known) return shared_->window;
  }
  // Two reads may ask at once; they learn the same.
  const std::optional<std::uint64_t> told =
      ask_context_window(shared_->endpoints, shared_->headers.get(), model, context);
  const std::lock_guard lock(shared_->mutex);
  shared_->window_known = !context.should_stop();
  shared_->window = told;
  return told;
}

std::optional<std::chrono::duration<double>> ModelClient::typical_latency() const {
  return shared_->endpoints.typical_latency();
}

}  // namespace callslip
