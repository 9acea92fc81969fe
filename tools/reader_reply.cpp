#include "tools/reader_reply.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "index/text/utf8_steps.h"
#include "tools/folded_text.h"

namespace callslip {
namespace {

using Json = nlohmann::json;

// More than a passage has sentences: a model that repeats itself.
constexpr std::size_t most_quotes = 256;

// In folded form.
constexpr std::array none_words = {
    "none",    "no",      "nothing", "null",   "n/a",     "na",   "nil",   "empty",
    "false",   "нет",     "ничего",  "无",     "無",      "没有", "沒有",  "なし",
    "ninguno", "ninguna", "nada",    "aucun",  "aucune",  "rien", "keine", "keiner",
    "nichts",  "nessuno", "nessuna", "nenhum", "nenhuma", "geen", "없음",
};
constexpr std::array none_beginnings = {
    "none ",
    "none.",
    "none,",
    "none:",
    "none-",
    "no relevant",
    "no sentence",
    "no part of",
    "nothing ",
    "not relevant",
    "there are no ",
    "there is no ",
    "there is nothing",
    "the passage does",
    "this passage does",
    "the passage contains no",
    "the passage has no",
    "the text does not",
    "it does not contain",
    "нет релевантных",
    "нет предложений",
    "没有相关",
    "无相关",
    "沒有相關",
};
// Values under these names are the model's own words.
constexpr std::array comment_names = {"reason",   "reasoning", "explanation", "comment", "thought",
                                      "thoughts", "analysis",  "question",    "note",    "status"};

template <class Words>
bool any_equal(const Words& words, std::string_view text) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::string folded_without_marks(std::string_view line) {
  std::string text = fold_text(line).bytes;
  const auto mark = [](char c) {
    return std::string_view(" .,;:!?()[]{}<>|").find(c) != std::string_view::npos;
  };
  while (!text.empty() && mark(text.back())) text.pop_back();
  while (text.size() >= 3 && text.compare(text.size() - 3, 3, "\u3002") == 0) {
    text.resize(text.size() - 3);
  }
  const auto start = std::find_if_not(text.begin(), text.end(), mark);
  text.erase(text.begin(), start);
  return text;
}

bool begins_like_none(std::string_view line) {
  const std::string text = fold_text(line).bytes;
  return std::any_of(none_beginnings.begin(), none_beginnings.end(), [&](std::string_view words) {
    return text.compare(0, words.size(), words) == 0;
  });
}

bool has_words(std::string_view text) { return measure_text(text).letters > 0; }

void take_line(std::string_view line, ReaderReply& reply) {
  if (!has_words(line)) return;
  if (any_equal(none_words, folded_without_marks(without_list_mark(line)))) {
    reply.says_none = true;
    return;
  }
  // "None of the keys fit." may also be a sentence of the document: that is for others to see.
  if (begins_like_none(line)) reply.says_none = true;
  if (reply.quotes.size() < most_quotes) reply.quotes.emplace_back(line);
}

/// All strings, at any depth; `depth` bounds the recursion.
void take_json(const Json& json, ReaderReply& reply, int depth) {
  constexpr int deepest = 8;
  if (depth > deepest) return;
  if (json.is_string()) {
    take_line(json.get_ref<const std::string&>(), reply);
  } else if (json.is_array()) {
    for (const Json& item : json) take_json(item, reply, depth + 1);
  } else if (json.is_object()) {
    for (const auto& [name, value] : json.items()) {
      if (!any_equal(comment_names, std::string_view(name))) take_json(value, reply, depth + 1);
    }
  }
}

/// Whether all of the text is a JSON array, object or string.
bool take_as_json(std::string_view text, ReaderReply& reply) {
  if (text.empty() || std::string_view("[{\"").find(text.front()) == std::string_view::npos) {
    return false;
  }
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return false;
  ReaderReply found = parse_json_reply(json);
  reply.says_none = reply.says_none || found.says_none;
  for (std::string& quote : found.quotes) reply.quotes.push_back(std::move(quote));
  return true;
}

bool is_fence(std::string_view line) {
  return line.substr(0, 3) == "```" || line.substr(0, 3) == "~~~";
}

template <class Take>
void for_each_line(std::string_view text, const Take& take) {
  for (std::size_t pos = 0; pos < text.size();) {
    const std::size_t end = std::min(text.find('\n', pos), text.size());
    take(utf8::trim(text.substr(pos, end - pos)));
    pos = end + 1;
  }
}

}  // namespace

std::string_view without_thinking(std::string_view reply) {
  constexpr std::array names = {"think", "thinking", "reasoning", "thought"};
  for (const std::string_view name : names) {
    // Some templates put the opening tag into the prompt, so that only the closing one is here.
    const std::string close = "</" + std::string(name) + ">";
    if (const std::size_t at = reply.rfind(close); at != std::string_view::npos) {
      reply.remove_prefix(at + close.size());
    }
    const std::string open = "<" + std::string(name) + ">";
    if (const std::size_t at = reply.find(open); at != std::string_view::npos) {
      reply = reply.substr(0, at);
    }
  }
  constexpr std::string_view channel = "<|message|>";
  if (const std::size_t at = reply.rfind(channel); at != std::string_view::npos) {
    reply.remove_prefix(at + channel.size());
  }
  return utf8::trim(reply);
}

std::string_view without_list_mark(std::string_view line) {
  line = utf8::trim(line);
  constexpr std::array bullets = {"- ", "* ", "+ ", "> ", "\u2022", "\u2013 ", "\u2014 "};
  for (const std::string_view bullet : bullets) {
    if (line.substr(0, bullet.size()) == bullet) return utf8::trim(line.substr(bullet.size()));
  }
  const std::size_t open = !line.empty() && (line[0] == '(' || line[0] == '[') ? 1 : 0;
  std::size_t end = open;
  while (end < line.size() && end - open < 3 && line[end] >= '0' && line[end] <= '9') ++end;
  if (end == open || end + 1 >= line.size()) return line;
  const std::string_view closers = open > 0 ? ")]" : ".):";
  const bool marked = closers.find(line[end]) != std::string_view::npos && line[end + 1] == ' ';
  return marked ? utf8::trim(line.substr(end + 2)) : line;
}

ReaderReply parse_json_reply(const Json& json) {
  ReaderReply found;
  take_json(json, found, 0);
  // [], {"relevant": false}, {"sentences": []}
  if (found.quotes.empty()) found.says_none = true;
  return found;
}

ReaderReply parse_reader_reply(std::string_view reply) {
  ReaderReply parsed;
  std::string text;
  for_each_line(without_thinking(reply), [&text](std::string_view line) {
    if (!is_fence(line)) text.append(line).append("\n");
  });
  const std::string_view rest = utf8::trim(text);
  if (take_as_json(rest, parsed)) return parsed;
  for_each_line(rest, [&parsed](std::string_view line) {
    std::string_view item = line;
    if (!item.empty() && item.back() == ',') item.remove_suffix(1);
    if (parsed.quotes.size() < most_quotes && !take_as_json(item, parsed)) take_line(line, parsed);
  });
  return parsed;
}

}  // namespace callslip
