#include "tools/model_run.h"

#include <algorithm>
#include <array>
#include <utility>

#include "index/text/utf8_steps.h"
#include "tools/chat_request.h"
#include "tools/context_window.h"

namespace callslip {
namespace {

using std::chrono::milliseconds;

std::string seconds_of(milliseconds time) {
  std::string text = std::to_string(time.count() / 1000);
  if (time.count() % 1000 != 0) text += "." + std::to_string(time.count() % 1000 / 100);
  return text + " s";
}

bool is_passing(long status) {
  constexpr std::array<long, 7> passing = {408, 429, 500, 502, 503, 504, 529};
  return std::find(passing.begin(), passing.end(), status) != passing.end();
}

bool is_overload(long status) { return status == 429 || status == 503 || status == 529; }

/// llama.cpp's slots share one window by default, and each is told all of it. When the calls under
/// way fill it, all of them end so. (A prompt that is too long by itself is a 400.)
bool is_shared_window_full(long status, std::string_view reply) {
  return status == 500 && reply.find("Context size has been exceeded") != std::string_view::npos;
}

std::string with(std::string message, const std::string& detail) {
  return detail.empty() ? message : std::move(message) + ": " + detail;
}

// Beyond the attempts of a request, with waits that double: half a minute.
constexpr std::size_t kForgivenOverloads = 6;

}  // namespace

struct ModelRun::Transfer {
  explicit Transfer(ReaderUsage& counted) : easy(curl_easy_init()), usage(counted) {}
  ~Transfer() { curl_easy_cleanup(easy); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* const easy;
  ReaderUsage& usage;
  bool active = false;
  bool sent = false;
  Pending pending;
  std::size_t endpoint = 0;
  Clock::time_point started{};
  std::string body;
  std::string reply;
  std::size_t max_reply = 0;
  bool too_large = false;
};

ModelRun::ModelRun(const Setting& setting, ModelWork& work, const CallContext& context)
    : setting_(setting),
      work_(work),
      context_(context),
      endpoints_(setting.endpoints, setting.multi),
      random_(std::random_device{}()) {}

ModelRun::~ModelRun() {
  for (const auto& transfer : transfers_) {
    if (!transfer->active) continue;
    curl_multi_remove_handle(setting_.multi, transfer->easy);
    if (!transfer->sent) work_.not_called();
  }
}

ReaderUsage ModelRun::run() {
  while (!context_.should_stop()) {
    if (const Error* why = endpoints_.hopeless(); why != nullptr && in_flight_ == 0) {
      fail_rest(*why);
    } else {
      while (start_next()) {
      }
    }
    if (in_flight_ == 0 && (bounded_ || (!fresh_ && retries_.empty()))) break;
    int running = 0;
    curl_multi_perform(setting_.multi, &running);
    // Polling after the last transfer has ended would sleep for nothing.
    if (!take_ended() && !context_.should_stop()) wait();
  }
  return usage_;
}

/// Whether a call was started.
bool ModelRun::start_next() {
  if (bounded_ || context_.should_stop()) return false;
  if (!fresh_) fresh_ = work_.next();
  const auto now = Clock::now();
  const bool retry = !retries_.empty() && retries_.top().due <= now;
  if (!retry && !fresh_) return false;
  // Where nothing works, what failed is tried again before more is made to fail.
  if (!retry && !retries_.empty() && !endpoints_.any_well()) return false;
  bool again = retry;
  Pending pending = again ? retries_.top() : Pending{*fresh_, 0, 0, 0, {}};
  std::optional<std::size_t> endpoint = endpoints_.try_start(now, pending.failed_at);
  if (!endpoint && again && fresh_ && endpoints_.any_well()) {
    // It waits for another endpoint than this does.
    again = false;
    pending = Pending{*fresh_, 0, 0, 0, {}};
    endpoint = endpoints_.try_start(now, pending.failed_at);
  }
  if (!endpoint) return false;
  if (!work_.may_call()) {
    bounded_ = true;
    endpoints_.ended(*endpoint, Outcome::not_made, now, milliseconds(0));
    return false;
  }
  if (again) {
    retries_.pop();
  } else {
    fresh_.reset();
  }
  start(pending, *endpoint);
  return true;
}

void ModelRun::start(const Pending& pending, std::size_t endpoint) {
  if (idle_.empty()) {
    transfers_.push_back(make_transfer());
    idle_.push_back(transfers_.back().get());
  }
  Transfer& transfer = *idle_.back();
  idle_.pop_back();
  transfer.pending = pending;
  ++transfer.pending.attempts;
  transfer.endpoint = endpoint;
  transfer.started = Clock::now();
  transfer.body = work_.body(pending.request);
  transfer.reply.clear();
  transfer.too_large = false;
  transfer.sent = false;
  CURL* const easy = transfer.easy;
  const Endpoint& where = setting_.endpoints.at(endpoint);
  curl_easy_setopt(easy, CURLOPT_URL, where.url.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, where.loopback ? "*" : nullptr);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(transfer.body.size()));
  curl_multi_add_handle(setting_.multi, easy);
  transfer.active = true;
  ++in_flight_;
}

std::unique_ptr<ModelRun::Transfer> ModelRun::make_transfer() {
  auto transfer = std::make_unique<Transfer>(usage_);
  transfer->max_reply = setting_.options.max_reply_bytes;
  CURL* const easy = transfer->easy;
  const auto set = [easy](CURLoption option, auto value) { curl_easy_setopt(easy, option, value); };
  set(CURLOPT_PRIVATE, static_cast<void*>(transfer.get()));
  set(CURLOPT_POST, 1L);
  set(CURLOPT_HTTPHEADER, setting_.headers);
  set(CURLOPT_USERAGENT, "callslip");
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  // Without this, cancelling would wait for a name server.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(setting_.options.connect_timeout.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(setting_.options.request_timeout.count()));
  set(CURLOPT_WRITEFUNCTION, &ModelRun::on_data);
  set(CURLOPT_WRITEDATA, static_cast<void*>(transfer.get()));
  // libcurl sends again by itself where a kept connection turns out closed: count what was sent.
  set(CURLOPT_PREREQFUNCTION, &ModelRun::on_request_sent);
  set(CURLOPT_PREREQDATA, static_cast<void*>(transfer.get()));
  return transfer;
}

std::size_t ModelRun::on_data(char* data, std::size_t size, std::size_t count, void* transfer) {
  auto& to = *static_cast<Transfer*>(transfer);
  if (to.reply.size() + size * count > to.max_reply) {
    to.too_large = true;
    return 0;
  }
  to.reply.append(data, size * count);
  return size * count;
}

int ModelRun::on_request_sent(void* transfer, char*, char*, int, int) {
  auto& sent = *static_cast<Transfer*>(transfer);
  ++sent.usage.calls;
  sent.sent = true;
  return CURL_PREREQFUNC_OK;
}

bool ModelRun::take_ended() {
  bool any = false;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(setting_.multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    char* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    end(*reinterpret_cast<Transfer*>(transfer), code);
    any = true;
    if (context_.should_stop()) break;
  }
  return any;
}

void ModelRun::end(Transfer& transfer, CURLcode code) {
  curl_multi_remove_handle(setting_.multi, transfer.easy);
  transfer.active = false;
  --in_flight_;
  idle_.push_back(&transfer);
  if (!transfer.sent) {
    work_.not_called();
    bounded_ = false;
  }

  Failure failure;
  const Result<ModelReply> reply = read_reply(transfer, code, failure);
  const Outcome outcome = reply.ok() ? Outcome::answered : failure.outcome;
  endpoints_.ended(transfer.endpoint, outcome, transfer.started, failure.wait);
  if (!reply.ok()) {
    failure.error.message = without_key(std::move(failure.error.message));
    retry_or_report(transfer.pending, transfer.endpoint, failure);
    return;
  }
  answered_ = true;
  usage_.prompt_tokens += reply->prompt_tokens;
  usage_.completion_tokens += reply->completion_tokens;
  report(transfer.pending.request, reply);
}

Result<ModelReply> ModelRun::read_reply(const Transfer& transfer, CURLcode code,
                                        Failure& failure) const {
  if (code != CURLE_OK) {
    failure = transport_failure(transfer, code);
    return failure.error;
  }
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status > 299) {
    failure = http_failure(transfer, status);
    return failure.error;
  }
  Result<ModelReply> reply = parse_model_reply(transfer.reply);
  if (!reply.ok()) {
    failure.error = reply.error();
    failure.retry = true;
    failure.outcome = Outcome::failed;
  }
  return reply;
}

ModelRun::Failure ModelRun::transport_failure(const Transfer& transfer, CURLcode code) const {
  const std::string& label = setting_.endpoints.at(transfer.endpoint).label;
  Failure failure;
  failure.retry = true;
  failure.outcome = Outcome::failed;
  std::string& message = failure.error.message;
  failure.error.kind = ErrorKind::unavailable;
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: {
      curl_off_t connected = 0;
      curl_easy_getinfo(transfer.easy, CURLINFO_CONNECT_TIME_T, &connected);
      long sent = 0;
      curl_easy_getinfo(transfer.easy, CURLINFO_REQUEST_SIZE, &sent);
      const bool unreachable = connected == 0 && sent == 0;
      if (unreachable) failure.outcome = Outcome::unreachable;
      message = unreachable ? "no connection to " + label
                            : "timed out after " + seconds_of(setting_.options.request_timeout);
      break;
    }
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      failure.outcome = Outcome::unreachable;
      message = "no connection to " + label + ": " + curl_easy_strerror(code);
      break;
    case CURLE_WRITE_ERROR:
      failure.retry = !transfer.too_large;
      message = transfer.too_large
                    ? "the reply is larger than " + std::to_string(transfer.max_reply) + " bytes"
                    : "connection lost";
      break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CACERT_BADFILE:
      failure.retry = false;
      failure.endpoint_wide = true;
      message = "no connection to " + label + ": " + curl_easy_strerror(code);
      break;
    default:
      message = std::string("connection lost: ") + curl_easy_strerror(code);
  }
  return failure;
}

ModelRun::Failure ModelRun::http_failure(const Transfer& transfer, long status) const {
  Failure failure;
  const std::string http = "HTTP " + std::to_string(status);
  failure.error.kind = ErrorKind::unavailable;
  failure.error.message = http;
  // "Too many tokens" is also said of a minute's.
  failure.retry = is_overload(status) || (is_passing(status) && !told_overflow(transfer.reply) &&
                                          !(status == 500 && names_schema(transfer.reply)));
  if (failure.retry) {
    failure.outcome = is_overload(status) ? Outcome::overloaded : Outcome::failed;
    curl_off_t wait = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_RETRY_AFTER, &wait);
    const auto longest = setting_.options.longest_retry_after;
    const auto most = static_cast<curl_off_t>(longest.count() / 1000 + 1);
    failure.wait = std::min(longest, milliseconds(1000 * std::clamp<curl_off_t>(wait, 0, most)));
    return failure;
  }
  failure.error.kind = ErrorKind::invalid_argument;
  if (is_shared_window_full(status, transfer.reply)) {
    failure.outcome = Outcome::overloaded;
    failure.error.message = http + ": " + std::string(shared_window_full);
    return failure;
  }
  if (const auto overflow = told_overflow(transfer.reply)) {
    failure.error.message = http + ": the prompt exceeds the model's context window";
    if (overflow->window) {
      failure.error.message += " (" + std::to_string(*overflow->window) + " tokens)";
    }
    return failure;
  }
  failure.endpoint_wide = status == 401 || status == 403 || status == 404;
  if (status == 401 || status == 403) {
    failure.error.message += setting_.options.api_key.empty()
                                 ? ": the endpoint wants a key: set CALLSLIP_READER_KEY"
                                 : ": the endpoint refuses the key in CALLSLIP_READER_KEY";
  } else if (status == 404) {
    failure.error.message =
        with(http, error_detail(transfer.reply)) + "; check --reader-url and --reader-model";
  } else if (status >= 300 && status < 400) {
    failure.error.message += ": the endpoint has moved; check --reader-url";
  } else {
    failure.error.message = with(http, error_detail(transfer.reply));
  }
  return failure;
}

/// Whatever an endpoint says may repeat the key that it was sent.
std::string ModelRun::without_key(std::string message) const {
  const std::string& key = setting_.options.api_key;
  // Before it is shortened: half a key is a leak, too.
  for (std::size_t at = 0; !key.empty() && (at = message.find(key, at)) != std::string::npos;) {
    message.replace(at, key.size(), "***");
    at += 3;
  }
  return message;
}

void ModelRun::retry_or_report(Pending pending, std::size_t endpoint, Failure failure) {
  // It may be said far behind what the message begins with.
  const bool learned = failure.outcome == Outcome::refused && !failure.endpoint_wide &&
                       work_.learn(pending.request, failure.error);
  if (learned) {
    retries_.push(Pending{pending.request, 0, 0, 0, Clock::now()});
    return;
  }
  constexpr std::size_t longest = 200;
  failure.error.message.resize(utf8::floor(failure.error.message, longest));
  const auto now = Clock::now();
  const bool overloaded = failure.outcome == Outcome::overloaded;
  const bool unreachable = failure.outcome == Outcome::unreachable;
  if (failure.endpoint_wide) endpoints_.give_up(endpoint, failure.error);
  // To be asked to wait by an endpoint that answers others is no fault of the request: it does not
  // use up its attempts.
  if (overloaded && answered_ && ++pending.overloads <= kForgivenOverloads) --pending.attempts;
  const bool other = endpoints_.has_other(endpoint, now);
  const bool last = pending.attempts >= setting_.options.max_attempts;
  if (!last && (failure.retry || (failure.endpoint_wide && other))) {
    const std::size_t waits = pending.attempts + std::min(pending.overloads, kForgivenOverloads);
    const milliseconds delay = std::max(backoff(waits), failure.wait);
    pending.failed_at |= EndpointPool::Member::bit(endpoint);
    pending.due = other ? now : now + delay;
    retries_.push(pending);
    return;
  }
  // Else each of hundreds of passages would wait as long for an endpoint that is down.
  if (last && unreachable) endpoints_.give_up(endpoint, failure.error);
  report(pending.request, failure.error);
}

void ModelRun::report(std::size_t request, const Result<ModelReply>& reply) {
  if (work_.take(request, reply) == ModelWork::Next::again) {
    retries_.push(Pending{request, 0, 0, 0, Clock::now()});
  }
}

void ModelRun::fail_rest(const Error& why) {
  for (;;) {
    if (context_.should_stop()) return;
    std::optional<std::size_t> request;
    if (!retries_.empty()) {
      request = retries_.top().request;
      retries_.pop();
    } else {
      request = fresh_ ? std::exchange(fresh_, std::nullopt) : work_.next();
    }
    if (!request) return;
    // Nothing can be called again, whatever the answer is.
    work_.take(*request, why);
  }
}

milliseconds ModelRun::backoff(std::size_t attempts) {
  milliseconds full = setting_.options.first_backoff;
  for (std::size_t i = 1; i < attempts && full < setting_.options.longest_backoff; ++i) full *= 2;
  full = std::min(full, setting_.options.longest_backoff);
  using Count = milliseconds::rep;
  return milliseconds(
      std::uniform_int_distribution<Count>(full.count() / 2, full.count())(random_));
}

void ModelRun::wait() {
  const auto now = Clock::now();
  constexpr milliseconds longest{1000};
  auto until = std::min(context_.deadline, now + longest);
  // What is ready now waits for a place; whoever frees one wakes us.
  if (!bounded_ && (fresh_ || !retries_.empty())) {
    const auto available = endpoints_.next_available(now);
    if (available != Clock::time_point::max()) until = std::min(until, available);
    if (!retries_.empty() && retries_.top().due > now) until = std::min(until, retries_.top().due);
  }
  const auto time = std::chrono::ceil<milliseconds>(until - now).count();
  curl_multi_poll(setting_.multi, nullptr, 0,
                  static_cast<int>(std::max<milliseconds::rep>(0, time)), nullptr);
}

}  // namespace callslip
