#include "tools/pack_reply.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "index/text/utf8_steps.h"

namespace callslip {
namespace {

using Json = nlohmann::json;

/// "3", "passage 3", "[3]", "passage_3": 3; else 0.
std::size_t number_in(std::string_view key) {
  std::size_t number = 0;
  std::size_t digits = 0;
  std::size_t letters = 0;
  bool ended = false;
  for (const char c : key) {
    if (c >= '0' && c <= '9') {
      if (ended || ++digits > 6) return 0;
      number = number * 10 + static_cast<std::size_t>(c - '0');
    } else {
      ended = digits > 0;
      letters += std::isalpha(static_cast<unsigned char>(c)) != 0 ? 1 : 0;
    }
  }
  constexpr std::size_t longest_word = 10;  // "passage", "document", "chunk"
  return digits > 0 && letters <= longest_word ? number : 0;
}

constexpr std::array kNumberNames = {"passage", "id", "number", "index", "chunk", "passage_id"};

/// The number that an object of a list names its passage by.
std::size_t number_of(const Json& item) {
  if (!item.is_object()) return 0;
  for (const char* name : kNumberNames) {
    const auto found = item.find(name);
    if (found == item.end()) continue;
    if (found->is_number_unsigned()) return found->get<std::size_t>();
    if (found->is_string()) return number_in(found->get_ref<const std::string&>());
  }
  return 0;
}

/// Nothing: the passage is said to matter, and no sentence of it is given.
std::optional<ReaderReply> said(const Json& value) {
  const bool only_marked =
      (value.is_boolean() && value.get<bool>()) || (value.is_number() && value.get<double>() > 0);
  if (only_marked) return std::nullopt;
  return parse_json_reply(value);
}

void add(ReaderReply& to, ReaderReply from) {
  to.says_none = to.says_none || from.says_none;
  for (std::string& quote : from.quotes) to.quotes.push_back(std::move(quote));
}

class Keys {
 public:
  Keys(PackReply& reply, std::size_t passages) : reply_(reply), passages_(passages) {}

  bool take(Json& json, int depth) {
    constexpr int deepest = 3;
    if (depth > deepest) return false;
    if (json.is_array()) return take_list(json);
    if (!json.is_object()) return false;
    if (take_members(json)) return true;
    // {"passages": {...}}, {"verdicts": [...]}
    return std::any_of(json.begin(), json.end(),
                       [&](Json& member) { return take(member, depth + 1); });
  }

 private:
  bool take_members(Json& object) {
    std::size_t numbered = 0;
    for (const auto& [key, value] : object.items()) numbered += number_in(key) > 0 ? 1 : 0;
    // {"passage": 2, "sentences": [...]}
    if (numbered < object.size() && object.size() > 1 && number_of(object) > 0) {
      take_item(object);
      return true;
    }
    if (numbered == 0) return false;
    Json others = Json::object();
    for (auto& [key, value] : object.items()) {
      if (const std::size_t number = number_in(key); number > 0) {
        put(number, said(value));
      } else {
        others[key] = std::move(value);
      }
    }
    add(reply_.loose, {false, parse_json_reply(others).quotes});
    return true;
  }

  bool take_list(Json& list) {
    const bool numbered = !list.empty() && std::all_of(list.begin(), list.end(), [](const Json& j) {
      return number_of(j) > 0;
    });
    if (!numbered) return false;
    for (Json& item : list) take_item(item);
    return true;
  }

  void take_item(Json& item) {
    const std::size_t number = number_of(item);
    for (const char* name : kNumberNames) item.erase(name);
    put(number, said(item));
  }

  void put(std::size_t number, std::optional<ReaderReply> reply) {
    reply_.by_passage.resize(passages_);
    if (!reply) return;
    if (number > passages_) {
      // Its quotes may be of another passage.
      add(reply_.loose, {false, std::move(reply->quotes)});
      return;
    }
    std::optional<ReaderReply>& place = reply_.by_passage[number - 1];
    if (!place) place.emplace();
    add(*place, std::move(*reply));
  }

  PackReply& reply_;
  const std::size_t passages_;
};

/// The JSON in a text, with prose around it; discarded where there is none.
Json json_in(std::string_view text) {
  // Prose may have brackets of its own.
  for (const auto& [opening, closing] : {std::pair("{[", "}]"), std::pair("{", "}")}) {
    const std::size_t open = text.find_first_of(opening);
    const std::size_t close = text.find_last_of(closing);
    if (open == std::string_view::npos || close == std::string_view::npos || open > close) continue;
    Json json = Json::parse(text.substr(open, close + 1 - open), nullptr, false);
    if (!json.is_discarded()) return json;
  }
  return Json(Json::value_t::discarded);
}

/// Whether it begins as an answer: then a tag of thinking in it is what a document says.
bool is_answer_from_the_start(std::string_view reply) {
  reply = utf8::trim(reply);
  return reply.starts_with('{') || reply.starts_with('[') || reply.starts_with("```");
}

/// {}, in a fence or after an introduction: every passage was passed over. As "None" it would lose
/// what they hold.
bool is_empty_object(std::string_view text, const ReaderReply& loose) {
  const std::size_t open = text.find('{');
  const std::size_t close = text.rfind('}');
  const bool empty = open != std::string_view::npos && close != std::string_view::npos &&
                     open < close && utf8::trim(text.substr(open + 1, close - open - 1)).empty();
  return empty && loose.says_none &&
         std::all_of(loose.quotes.begin(), loose.quotes.end(),
                     [](const std::string& quote) { return quote.ends_with(':'); });
}

}  // namespace

PackReply parse_pack_reply(std::string_view reply, std::size_t passages) {
  PackReply parsed;
  const std::string_view text = without_thinking(reply);
  for (const std::string_view place : {is_answer_from_the_start(reply) ? reply : text, text}) {
    Json json = json_in(place);
    if (!json.is_discarded() && Keys(parsed, passages).take(json, 0)) return parsed;
  }
  parsed.loose = parse_reader_reply(text);
  if (is_empty_object(text, parsed.loose)) {
    parsed.by_passage.resize(passages);
    parsed.loose = {};
  }
  return parsed;
}

}  // namespace callslip
