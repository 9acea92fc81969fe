#include "tools/model_reply.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "index/text/utf8.h"
#include "index/text/utf8_steps.h"

namespace callslip {
namespace {

using Json = nlohmann::json;

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

/// A string, or an array of parts, each a string or {"type": "text", "text": "..."}.
std::string text_of(const Json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (content.is_array()) {
    for (const Json& part : content) {
      const Json* inner = part.is_string() ? &part : member(part, "text");
      if (inner != nullptr && inner->is_string()) text += inner->get<std::string>();
    }
  }
  return text;
}

std::uint64_t count_of(const Json* number) {
  if (number == nullptr || !number->is_number()) return 0;
  constexpr double largest = 1e15;
  return static_cast<std::uint64_t>(std::clamp(number->get<double>(), 0.0, largest));
}

/// Models stop inside a character when they run out of tokens, and not every server mends that.
std::string with_valid_utf8(std::string_view bytes) {
  std::string valid;
  valid.reserve(bytes.size());
  for (std::size_t pos = 0; pos < bytes.size();) {
    const utf8::CodePoint c = utf8::at(bytes, pos);
    if (c.value == 0xFFFD && c.length == 1) {
      valid += "\xEF\xBF\xBD";
    } else {
      valid.append(bytes.substr(pos, c.length));
    }
    pos += c.length;
  }
  return valid;
}

/// Of a server that validates with pydantic: [{"loc": ["body", "x"], "msg": "...", "input": ...}].
/// The input is left out: it is what we sent.
std::string complaints_of(const Json& list) {
  std::string text;
  for (const Json& complaint : list) {
    const Json* message = member(complaint, "msg");
    if (message == nullptr || !message->is_string()) continue;
    if (!text.empty()) text += "; ";
    if (const Json* places = member(complaint, "loc"); places != nullptr && places->is_array()) {
      for (const Json& place : *places) {
        if (place.is_string()) text += place.get<std::string>() + " ";
      }
    }
    text += message->get<std::string>();
  }
  return text;
}

Json parse(std::string_view body) {
  if (is_valid_utf8(body)) return Json::parse(body, nullptr, false);
  return Json::parse(with_valid_utf8(body), nullptr, false);
}

std::string one_line(std::string_view text) {
  constexpr std::size_t longest = 1000;
  std::string line;
  for (const char c : text) {
    const bool space = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    if (!space) {
      line.push_back(c);
    } else if (!line.empty() && line.back() != ' ') {
      line.push_back(' ');
    }
  }
  line.resize(utf8::floor(line, longest));
  return std::string(utf8::trim(line));
}

}  // namespace

Result<ModelReply> parse_model_reply(std::string_view body) {
  const Json json = parse(body);
  if (json.is_discarded()) return Error{ErrorKind::unavailable, "the reply is not JSON"};
  const Json* choices = member(json, "choices");
  if (choices == nullptr || !choices->is_array() || choices->empty()) {
    const std::string detail = error_detail(body);
    return Error{ErrorKind::unavailable,
                 detail.empty() ? "the reply has no choices" : "the endpoint says: " + detail};
  }
  const Json& choice = choices->front();
  ModelReply reply;
  const Json* message = member(choice, "message");
  const Json* content = message != nullptr ? member(*message, "content") : member(choice, "text");
  if (content != nullptr) reply.text = text_of(*content);
  if (const Json* reason = member(choice, "finish_reason"); reason != nullptr) {
    reply.cut_off = *reason == "length";
  }
  if (const Json* usage = member(json, "usage"); usage != nullptr) {
    reply.prompt_tokens = count_of(member(*usage, "prompt_tokens"));
    reply.completion_tokens = count_of(member(*usage, "completion_tokens"));
  }
  return reply;
}

std::string error_detail(std::string_view body) {
  const Json json = parse(body);
  if (json.is_discarded()) return {};
  const Json* error = member(json, "error");
  for (const Json* place : {error, &json}) {
    if (place == nullptr) continue;
    if (place->is_string()) return one_line(place->get<std::string>());
    for (const char* name : {"message", "detail", "error"}) {
      const Json* found = member(*place, name);
      if (found != nullptr && found->is_string()) {
        return one_line(found->get<std::string>());
      }
      // FastAPI's {"detail": [...]}, Mistral's {"message": {"detail": [...]}}
      const Json* list = found != nullptr && found->is_object() ? member(*found, "detail") : found;
      if (list != nullptr && list->is_array()) return one_line(complaints_of(*list));
    }
  }
  return {};
}

}  // namespace callslip
