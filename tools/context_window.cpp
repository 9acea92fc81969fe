#include "tools/context_window.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace callslip {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxBody = 4U << 20U;
constexpr std::chrono::milliseconds kTimeout{2000};

struct Question {
  CURL* easy = nullptr;
  std::string url;
  std::string body;
};

std::size_t on_data(char* data, std::size_t size, std::size_t count, void* body) {
  auto& to = *static_cast<std::string*>(body);
  if (to.size() + size * count > kMaxBody) return 0;
  to.append(data, size * count);
  return size * count;
}

/// ".../v1/models", and llama.cpp's "/props", which stands beside /v1.
std::vector<std::string> places(const Endpoint& endpoint) {
  std::vector<std::string> urls{endpoint.base + "/models"};
  constexpr std::string_view version = "/v1";
  if (endpoint.base.ends_with(version)) {
    urls.push_back(endpoint.base.substr(0, endpoint.base.size() - version.size()) + "/props");
  }
  return urls;
}

std::optional<std::uint64_t> positive(const Json& object, const char* name) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  const auto value = found->get<std::int64_t>();
  return value > 0 ? std::optional(static_cast<std::uint64_t>(value)) : std::nullopt;
}

std::string lower(std::string_view text) {
  std::string copy(text);
  for (char& c : copy) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return copy;
}

/// The number that follows a word at once, but for marks: `"n_ctx": 4096`.
std::optional<std::uint64_t> number_after(const std::string& text, std::string_view word) {
  std::size_t at = text.find(word);
  if (at == std::string::npos) return std::nullopt;
  at += word.size();
  constexpr std::size_t most_marks = 6;
  const std::size_t digits = std::min(text.find_first_of("0123456789", at), text.size());
  const bool only_marks = digits - at <= most_marks &&
                          std::none_of(text.data() + at, text.data() + digits, [](unsigned char c) {
                            return std::isalpha(c) != 0 || c == '_';
                          });
  if (!only_marks) return std::nullopt;
  at = digits;
  std::uint64_t value = 0;
  for (; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0; ++at) {
    if (value > 1'000'000'000) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(text[at] - '0');
  }
  return value > 0 ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> told_context_window(std::string_view body, const std::string& model) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  std::optional<std::uint64_t> least;
  const auto take = [&least](std::optional<std::uint64_t> value) {
    if (value) least = std::min(least.value_or(*value), *value);
  };
  if (const auto settings = json.find("default_generation_settings"); settings != json.end()) {
    take(positive(*settings, "n_ctx"));
  }
  if (const auto data = json.find("data"); data != json.end() && data->is_array()) {
    for (const Json& listed : *data) {
      // A server of one model may list it by its path, or answer to any name.
      if (data->size() > 1 && (!listed.is_object() || listed.value("id", Json()) != model))
        continue;
      for (const char* name : {"max_model_len", "context_length", "context_window", "n_ctx"}) {
        take(positive(listed, name));
      }
    }
  }
  return least;
}

std::optional<std::uint64_t> ask_context_window(const EndpointPool& endpoints,
                                                const curl_slist* headers, const std::string& model,
                                                const CallContext& context) {
  const std::unique_ptr<CURLM, CURLMcode (*)(CURLM*)> multi(curl_multi_init(), curl_multi_cleanup);
  const std::stop_callback wake(context.stop, [&multi] { curl_multi_wakeup(multi.get()); });
  std::vector<std::unique_ptr<Question>> questions;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    for (std::string& url : places(endpoints.at(i))) {
      auto question = std::make_unique<Question>();
      question->url = std::move(url);
      CURL* const easy = question->easy = curl_easy_init();
      curl_easy_setopt(easy, CURLOPT_URL, question->url.c_str());
      curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
      curl_easy_setopt(easy, CURLOPT_USERAGENT, "callslip");
      curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
      curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
      curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(kTimeout.count()));
      curl_easy_setopt(easy, CURLOPT_NOPROXY, endpoints.at(i).loopback ? "*" : nullptr);
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_data);
      curl_easy_setopt(easy, CURLOPT_WRITEDATA, static_cast<void*>(&question->body));
      curl_multi_add_handle(multi.get(), easy);
      questions.push_back(std::move(question));
    }
  }
  int running = 1;
  while (running > 0 && !context.should_stop()) {
    curl_multi_perform(multi.get(), &running);
    constexpr int tick_ms = 100;  // the deadline is looked at so often
    if (running > 0) curl_multi_poll(multi.get(), nullptr, 0, tick_ms, nullptr);
  }
  std::optional<std::uint64_t> least;
  for (const auto& question : questions) {
    curl_multi_remove_handle(multi.get(), question->easy);
    curl_easy_cleanup(question->easy);
    if (const auto told = told_context_window(question->body, model)) {
      least = std::min(least.value_or(*told), *told);
    }
  }
  return least;
}

std::optional<Overflow> told_overflow(std::string_view message) {
  const std::string text = lower(message);
  // What llama.cpp, vLLM, SGLang, Ollama, OpenAI and others say.
  constexpr std::array signs = {
      "exceed_context_size", "context_length_exceeded",  "context length",
      "context size",        "context window",           "maximum context",
      "context limit",       "maximum number of tokens", "prompt is too long",
      "input is too long",   "too many tokens",          "max_model_len"};
  const bool overflow = std::any_of(signs.begin(), signs.end(), [&text](const char* sign) {
    return text.find(sign) != std::string::npos;
  });
  if (!overflow) return std::nullopt;
  Overflow told;
  for (const char* word : {"available context size (", "context window (", "n_ctx",
                           "maximum context length is", "context length of",
                           "context length is only", "context length (", "maximum model length of",
                           "max_model_len", "tokens >", "maximum number of tokens allowed"}) {
    told.window = number_after(text, word);
    if (told.window) break;
  }
  return told;
}

}  // namespace callslip
