#include "tools/chat_request.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "index/text/utf8.h"

namespace callslip {
namespace {

using Json = nlohmann::json;

/// {"1": [...], "2": [...]}: a model that follows it cannot leave a passage out.
std::string reply_schema(std::size_t passages) {
  Json properties = Json::object();
  Json required = Json::array();
  for (std::size_t i = 1; i <= passages; ++i) {
    properties[std::to_string(i)] = {{"type", "array"}, {"items", {{"type", "string"}}}};
    required.push_back(std::to_string(i));
  }
  const Json schema = {{"type", "object"},
                       {"properties", properties},
                       {"required", required},
                       {"additionalProperties", false}};
  const Json format = {
      {"type", "json_schema"},
      {"json_schema", {{"name", "readings"}, {"strict", true}, {"schema", schema}}}};
  return format.dump();
}

/// The same for every pack of a size.
const std::string& schema_for(std::size_t passages) {
  thread_local std::vector<std::string> made;
  if (made.size() <= passages) made.resize(passages + 1);
  if (made[passages].empty()) made[passages] = reply_schema(passages);
  return made[passages];
}

/// Where the first byte from `at` on stands that a JSON string must escape. Looks at eight at a
/// time: prompts are long, and byte by byte this was a tenth of all the time of a call.
std::size_t next_to_escape(std::string_view text, std::size_t at) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  const auto has_zero = [](std::uint64_t word) { return (word - ones) & ~word & highs; };
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    const std::uint64_t controls = (word - ones * 0x20) & ~word & highs;
    if ((controls | has_zero(word ^ (ones * '"')) | has_zero(word ^ (ones * '\\'))) != 0) break;
  }
  const auto escaped = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
  };
  while (at < text.size() && !escaped(text[at])) ++at;
  return at;
}

/// As a JSON string; the text is UTF-8.
void append_quoted(std::string& json, std::string_view text) {
  json.push_back('"');
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = next_to_escape(text, at);
    json.append(text.substr(at, end - at));
    at = end;
    if (at == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[at++]);
    if (byte == '\n') {
      json.append("\\n");
    } else if (byte >= 0x20) {
      json.append({'\\', static_cast<char>(byte)});
    } else {
      constexpr std::string_view digits = "0123456789abcdef";
      json.append("\\u00");
      json.push_back(digits[byte >> 4U]);
      json.push_back(digits[byte & 0xFU]);
    }
  }
  json.push_back('"');
}

bool names_one_of(std::string_view message, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [message](const char* name) {
    return message.find(name) != std::string_view::npos;
  });
}

}  // namespace

bool names_schema(std::string_view message) {
  return names_one_of(message, {"response_format", "json_schema", "grammar"});
}

ChatRequest::Form ChatRequest::form() const { return {takes_schema_, takes_options_}; }

std::string ChatRequest::body(const std::string& prompt, std::size_t passages,
                              std::size_t max_completion_tokens, bool repeated,
                              const Form& form) const {
  constexpr auto replace = Json::error_handler_t::replace;
  std::string body;
  body.reserve(prompt.size() + prompt.size() / 16 + 512);
  body += R"({"model":)" + Json(model_).dump(-1, ' ', false, replace);
  body += R"(,"stream":false)";
  if (form.options) {
    body += R"(,"max_tokens":)" + std::to_string(max_completion_tokens);
    body += repeated ? R"(,"temperature":0.5)" : R"(,"temperature":0)";
  }
  if (form.schema && passages > 0) body += R"(,"response_format":)" + schema_for(passages);
  body += R"(,"messages":[{"role":"user","content":)";
  if (is_valid_utf8(prompt)) {
    append_quoted(body, prompt);
  } else {
    append_quoted(body, make_valid_utf8(prompt).text);  // a question from a shell
  }
  body += "}]}";
  return body;
}

bool ChatRequest::learn(const Error& error, const Form& form) {
  const std::string& message = error.message;
  // 422 is what validating servers say, and 500 those that fail to make a grammar of a schema.
  if (!message.starts_with("HTTP 400") && !message.starts_with("HTTP 422") &&
      !(message.starts_with("HTTP 500") && names_schema(message))) {
    return false;
  }
  if (form.schema && names_one_of(message, {"response_format", "json_schema", "schema",
                                            "structured", "grammar"})) {
    takes_schema_ = false;
    return true;
  }
  if (form.options &&
      names_one_of(message, {"max_tokens", "max_completion_tokens", "temperature"})) {
    takes_options_ = false;
    return true;
  }
  return false;
}

}  // namespace callslip
