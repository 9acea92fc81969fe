#include "tests/servers/oracle.h"

#include <sys/resource.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/servers/oracle_words.h"

namespace callslip::oracle {
namespace {

using nlohmann::json;

constexpr std::size_t bytes_per_token = 3;

std::size_t tokens_of(std::size_t bytes) { return (bytes + bytes_per_token - 1) / bytes_per_token; }

std::uint64_t digest_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string error_body(const std::string& message, const char* type, const json& more = {}) {
  json error = {{"message", message}, {"type", type}};
  if (more.is_object()) error.update(more);
  return json{{"error", error}}.dump();
}

/// The complaint of a server that knows json_schema and was given a broken one; "" when it is fine.
std::string format_complaint(std::string_view response_format) {
  const json format = json::parse(response_format, nullptr, false);
  const auto at = [&format](const char* path) {
    const json::json_pointer pointer(path);
    return format.contains(pointer) ? &format.at(pointer) : nullptr;
  };
  const json* const type = at("/type");
  if (type != nullptr && (*type == "text" || *type == "json_object")) return "";
  if (type == nullptr || *type != "json_schema") {
    return "response_format.type is not one of its values";
  }
  const json* const name = at("/json_schema/name");
  if (name == nullptr || !name->is_string()) return "response_format.json_schema.name is required";
  const json* const schema = at("/json_schema/schema");
  if (schema == nullptr || !schema->is_object()) {
    return "response_format.json_schema.schema is required";
  }
  return "";
}

}  // namespace

void Oracle::want_file(const std::string& path) { wanted_ = WantedSentences::of_file(path); }

void Oracle::control(const json& changes) {
  if (!changes.is_object()) throw std::invalid_argument("a JSON object of knobs is wanted");
  OracleKnobs knobs = knobs_;
  WantedSentences wanted;
  for (const auto& [name, value] : changes.items()) {
    if (name == "wanted") {
      wanted = WantedSentences(value);
    } else if (name != "reset_stats") {
      knobs.set(name, value);
    }
  }
  knobs_ = std::move(knobs);
  if (changes.contains("wanted")) wanted_ = std::move(wanted);
  if (changes.value("reset_stats", json()) == true) reset_stats();
}

void Oracle::reset_stats() {
  Oracle fresh(std::move(knobs_));
  fresh.wanted_ = std::move(wanted_);
  fresh.in_flight_ = in_flight_;
  fresh.most_in_flight_ = in_flight_;
  *this = std::move(fresh);
}

void Oracle::arrived() {
  if (calls_++ == 0) first_call_ = now_s();
  most_in_flight_ = std::max(most_in_flight_, ++in_flight_);
}

double Oracle::draw(std::uint64_t digest, std::size_t attempt, std::uint64_t salt) const {
  const std::array<std::uint64_t, 4> parts = {digest, attempt, salt,
                                              static_cast<std::uint64_t>(knobs_.seed)};
  return std::ldexp(static_cast<double>(XXH3_64bits(parts.data(), sizeof parts) >> 11U), -53);
}

std::string_view Oracle::choose_fault(std::uint64_t digest, std::size_t attempt) const {
  const std::array<std::pair<double, std::string_view>, 10> faults = {{
      {knobs_.error_rate, "error"},
      {knobs_.rate_limit, "rate_limit"},
      {knobs_.hang, "hang"},
      {knobs_.truncate, "truncate"},
      {knobs_.wrong_json, "wrong_json"},
      {knobs_.nonsense, "nonsense"},
      {knobs_.invent, "invent"},
      {knobs_.omit, "omit"},
      {knobs_.trickle, "trickle"},
      {knobs_.reset, "reset"},
  }};
  double left = draw(digest, attempt, 0);
  for (const auto& [rate, name] : faults) {
    if (left < rate) return name;
    left -= rate;
  }
  return "completion";
}

Plan Oracle::refusal(const ChatRequest& request, std::string_view authorization,
                     std::size_t tokens) {
  Plan plan;
  const auto refuse = [&plan](int status, std::string_view kind, std::string body) {
    plan.status = status;
    plan.kind = kind;
    plan.body = std::move(body);
    return plan;
  };
  if (!knobs_.key.empty() && authorization != "Bearer " + knobs_.key) {
    return refuse(401, "key",
                  error_body("Incorrect API key provided.", "authentication_error",
                             {{"code", "invalid_api_key"}}));
  }
  if (knobs_.capacity > 0 && static_cast<double>(in_flight_) > knobs_.capacity) {
    const bool limit = knobs_.retry_after >= 0;
    if (limit) plan.headers = "Retry-After: " + number(knobs_.retry_after) + "\r\n";
    return refuse(limit ? 429 : 503, "capacity",
                  error_body("Too many requests.", "overloaded_error"));
  }
  for (const std::string& name : knobs_.unsupported) {
    if (!request.has(name)) continue;
    return refuse(
        400, "unsupported",
        error_body("Unsupported parameter: '" + name + "' is not supported with this model.",
                   "invalid_request_error", {{"param", name}, {"code", "unsupported_parameter"}}));
  }
  const std::uint64_t format = digest_of(request.response_format);
  if (!request.response_format.empty() &&
      (knobs_.no_response_format || !formats_.contains(format))) {
    const std::string complaint = knobs_.no_response_format
                                      ? "Unrecognized request argument supplied: response_format"
                                      : format_complaint(request.response_format);
    if (complaint.empty()) {
      formats_.insert(format);
    } else {
      return refuse(400, "response_format",
                    error_body(complaint, "invalid_request_error", {{"param", "response_format"}}));
    }
  }
  const auto window = static_cast<std::size_t>(knobs_.window);
  if (window > 0 && tokens + request.max_tokens > window) {
    const std::string asked = std::to_string(tokens + request.max_tokens);
    const std::string size = std::to_string(window);
    if (knobs_.window_style == "openai") {
      return refuse(400, "window",
                    error_body("This model's maximum context length is " + size +
                                   " tokens. However, you requested " + asked + " tokens (" +
                                   std::to_string(tokens) + " in the messages, " +
                                   std::to_string(request.max_tokens) +
                                   " in the completion). Please reduce the length of the messages "
                                   "or completion.",
                               "invalid_request_error",
                               {{"param", "messages"}, {"code", "context_length_exceeded"}}));
    }
    return refuse(
        400, "window",
        error_body(
            "request (" + asked + " tokens) exceeds the available context size (" + size +
                " tokens), try increasing it",
            "exceed_context_size_error",
            {{"code", 400}, {"n_prompt_tokens", tokens + request.max_tokens}, {"n_ctx", window}}));
  }
  return plan;
}

Plan Oracle::plan(std::string_view body, std::string_view authorization) try {
  const ChatRequest request(body);
  const std::size_t tokens = tokens_of(request.prompt.size());
  Plan plan = refusal(request, authorization, tokens);
  if (plan.status != 200) return plan;

  request_bytes_ += body.size();
  plan.digest = digest_of(request.messages);
  count_prompt(request, plan.digest);
  const std::size_t attempt = prompts_[plan.digest].calls++;
  if (attempt > 0) ++repeated_prompts_;
  plan.kind = choose_fault(plan.digest, attempt);
  plan.delay_ms = knobs_.latency + knobs_.jitter * draw(plan.digest, attempt, 1);
  if (plan.kind == "rate_limit") {
    plan.status = 429;
    plan.delay_ms = 0;
    plan.body = error_body("Rate limit reached.", "rate_limit_error");
    if (knobs_.retry_after >= 0)
      plan.headers = "Retry-After: " + number(knobs_.retry_after) + "\r\n";
    return plan;
  }
  if (plan.kind == "error") {
    plan.status = 500;
    plan.body =
        error_body("The server had an error while processing your request.", "server_error");
    return plan;
  }
  if (plan.kind == "hang") {
    plan.delivery = Delivery::never;
    return plan;
  }
  plan.prompt_tokens = tokens;
  Words words = words_for(request, attempt, plan);
  plan.body = completion(std::move(words), request, plan);
  plan.completes = true;
  if (plan.kind == "truncate") plan.delivery = Delivery::truncated;
  if (plan.kind == "reset") plan.delivery = Delivery::reset;
  if (plan.kind == "trickle") plan.delivery = Delivery::trickled;
  if (plan.kind == "wrong_json") plan.body.resize(plan.body.size() / 2);
  if (plan.kind == "wrong_json" || plan.delivery == Delivery::truncated ||
      plan.delivery == Delivery::reset) {
    plan.completes = false;
  }
  return plan;
} catch (const std::invalid_argument& error) {
  Plan plan;
  plan.status = 400;
  plan.kind = "bad_request";
  plan.body = error_body(error.what(), "invalid_request_error");
  return plan;
}

void Oracle::count_prompt(const ChatRequest& request, std::uint64_t digest) {
  prompt_bytes_ += request.prompt.size();
  if (request.passages.empty() || prompts_.contains(digest)) return;
  if (!any_prefix_) {
    prefix_ = request.prompt;
    any_prefix_ = true;
    return;
  }
  const auto end =
      std::mismatch(prefix_.begin(), prefix_.end(), request.prompt.begin(), request.prompt.end());
  prefix_.erase(end.first, prefix_.end());
}

Words Oracle::words_for(const ChatRequest& request, std::size_t attempt, Plan& plan) const {
  const Style style = knobs_.reply_style();
  if (plan.kind == "nonsense") return with_thoughts(nonsense(), style);
  if (request.passages.empty() && !request.evidence.empty()) {
    std::string answer =
        knobs_.answer.empty() ? "The evidence tells it, as it stands. [{id}]" : knobs_.answer;
    for (std::size_t at = 0; (at = answer.find("{id}", at)) != answer.npos;) {
      answer.replace(at, 4, request.evidence[0].id);
    }
    return with_thoughts(std::move(answer), style);
  }
  if (request.passages.empty() && !knobs_.other.empty()) return with_thoughts(knobs_.other, style);

  const std::vector<std::size_t> questions = wanted_.questions_in(request.rest);
  std::vector<Verdict> verdicts;
  bool with_ids = !request.passages.empty();
  for (const Block& passage : request.passages) {
    with_ids = with_ids && !passage.id.empty();
    verdicts.push_back({passage.id, wanted_.in(passage.text, questions)});
    plan.passages.push_back(digest_of(passage.text));
  }
  if (verdicts.empty()) verdicts.push_back({"", wanted_.in(request.prompt, questions)});
  if (plan.kind == "omit" && with_ids) {
    omit_some(verdicts, attempt, plan);
  } else if (plan.kind == "invent") {
    char text[96];
    std::snprintf(text, sizeof text, "The invented fact number %06llx is written nowhere at all.",
                  static_cast<unsigned long long>(plan.digest & 0xFFFFFFU));
    verdicts[plan.digest % verdicts.size()].sentences.emplace_back(text);
    plan.invented = 1;
  }
  return put(verdicts, style, !with_ids);
}

/// Half of them, and one at least.
void Oracle::omit_some(std::vector<Verdict>& verdicts, std::size_t attempt, Plan& plan) const {
  const std::size_t surely = plan.digest % verdicts.size();
  std::vector<Verdict> kept;
  std::vector<std::uint64_t> judged;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (i == surely || draw(plan.digest, attempt, 2 + i) < 0.5) continue;
    kept.push_back(std::move(verdicts[i]));
    judged.push_back(plan.passages[i]);
  }
  plan.omitted = verdicts.size() - kept.size();
  verdicts = std::move(kept);
  plan.passages = std::move(judged);
}

std::string Oracle::completion(Words words, const ChatRequest& request, Plan& plan) const {
  const char* finish = "stop";
  plan.completion_tokens = tokens_of(words.content.size());
  if (request.max_tokens > 0 && plan.completion_tokens > request.max_tokens) {
    plan.completion_tokens = request.max_tokens;
    std::size_t end = request.max_tokens * bytes_per_token;
    while (end > 0 && (static_cast<unsigned char>(words.content[end]) & 0xC0U) == 0x80) --end;
    words.content.resize(end);
    finish = "length";
    plan.passages.clear();  // who knows which verdicts are whole
  }
  std::string body = R"({"id":"chatcmpl-)" + std::to_string(plan.digest) +
                     R"(","object":"chat.completion","created":1700000000,"model":)";
  append_json_string(body, knobs_.model);
  body += R"(,"choices":[{"index":0,"message":{"role":"assistant",)";
  if (!words.reasoning.empty()) {
    body += "\"reasoning_content\":";
    append_json_string(body, words.reasoning);
    body += ",";
  }
  body += "\"content\":";
  append_json_string(body, words.content);
  body += R"(},"finish_reason":")" + std::string(finish) + R"("}],"usage":{"prompt_tokens":)" +
          std::to_string(plan.prompt_tokens) +
          ",\"completion_tokens\":" + std::to_string(plan.completion_tokens) +
          ",\"total_tokens\":" + std::to_string(plan.prompt_tokens + plan.completion_tokens) + "}}";
  return body;
}

void Oracle::planned(const Plan& plan) { ++kinds_[plan.kind]; }

void Oracle::delivered(const Plan& plan) {
  last_reply_ = now_s();
  if (!plan.completes) return;
  ++answered_;
  prompt_tokens_ += plan.prompt_tokens;
  completion_tokens_ += plan.completion_tokens;
  invented_ += plan.invented;
  omitted_ += plan.omitted;
  if (plan.kind == "nonsense") return;
  if (++prompts_[plan.digest].answers > 1) ++prompts_answered_again_;
  passages_judged_ += plan.passages.size();
  for (const std::uint64_t passage : plan.passages) judged_.insert(passage);
}

json Oracle::stats() const {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  json replies = json::object();
  for (const auto& [kind, count] : kinds_) replies[std::string(kind)] = count;
  return {{"calls", calls_},
          {"answered", answered_},
          {"aborted", aborted_},
          {"replies", replies},
          {"in_flight", in_flight_},
          {"most_in_flight", most_in_flight_},
          {"connections", connections_},
          {"request_bytes", request_bytes_},
          {"prompt_bytes", prompt_bytes_},
          {"prompt_tokens", prompt_tokens_},
          {"completion_tokens", completion_tokens_},
          {"distinct_prompts", prompts_.size()},
          {"repeated_prompts", repeated_prompts_},
          {"prompts_answered_again", prompts_answered_again_},
          {"passages_judged", passages_judged_},
          {"distinct_passages", judged_.size()},
          {"common_prefix_bytes", prefix_.size()},
          {"invented_quotes", invented_},
          {"omitted_passages", omitted_},
          {"seconds", calls_ > 0 ? std::max(0.0, last_reply_ - first_call_) : 0.0},
          {"cpu_seconds", seconds(usage.ru_utime) + seconds(usage.ru_stime)}};
}

}  // namespace callslip::oracle
