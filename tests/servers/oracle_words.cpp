#include "tests/servers/oracle_words.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace callslip::oracle {
namespace {

// It holds what a careless parser would take for verdicts.
constexpr std::string_view thoughts =
    "Let me look at the passages one by one.\n"
    "The first one: None? Its first line is no quote: {\"1\": [\"not this\"]}\n"
    "\"This was only a thought.\"\n"
    "So that is what I shall say.";

std::string object_of(const std::vector<Verdict>& verdicts, bool none_as_word) {
  std::string out = "{";
  for (const Verdict& verdict : verdicts) {
    if (out.size() > 1) out += ", ";
    append_json_string(out, verdict.id);
    if (verdict.sentences.empty()) {
      out += none_as_word ? ": \"None\"" : ": []";
      continue;
    }
    out += ": [";
    for (const std::string& sentence : verdict.sentences) {
      if (out.back() != '[') out += ", ";
      append_json_string(out, sentence);
    }
    out += "]";
  }
  return out + "}";
}

std::string lines_of(const std::vector<Verdict>& verdicts, Style style) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> marks = {
      {{"\"", "\""}, {"- “", "”"}, {"1. «", "»"}, {"* \"", "\""}, {"「", "」"}}};
  std::string out;
  std::size_t number = 0;
  for (const Verdict& verdict : verdicts) {
    for (const std::string& sentence : verdict.sentences) {
      if (!out.empty()) out += "\n";
      const auto [before, after] = style == Style::quoted
                                       ? marks[number++ % marks.size()]
                                       : std::pair<std::string_view, std::string_view>();
      out.append(before).append(sentence).append(after);
    }
  }
  if (!out.empty()) return out;
  switch (style) {
    case Style::quoted:
      return "\"None\"";
    case Style::none_dot:
      return "none.";
    case Style::chinese_none:
      return "无";
    default:
      return "None";
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  out += '"';
}

Words with_thoughts(std::string text, Style style) {
  if (style == Style::thinking) {
    return {"<think>\n" + std::string(thoughts) + "\n</think>\n\n" + std::move(text), ""};
  }
  return {std::move(text), std::string(style == Style::reasoning ? thoughts : "")};
}

Words put(const std::vector<Verdict>& verdicts, Style style, bool as_lines) {
  if (as_lines || style == Style::lines || style == Style::quoted || style == Style::none_dot ||
      style == Style::chinese_none) {
    return with_thoughts(lines_of(verdicts, style), style);
  }
  std::string object = object_of(verdicts, style == Style::json_none);
  if (style == Style::fenced) {
    return {"Here is what the passages say:\n\n```json\n" + object + "\n```\n", ""};
  }
  return with_thoughts(std::move(object), style);
}

std::string nonsense() {
  return "The lamps along the harbour were lit by a clockmaker who never learned to swim. "
         "Seventeen umbrellas voted against the weather, and the weather abstained. "
         "Whether the tide was consulted is a matter for the committee on marmalade.";
}

}  // namespace callslip::oracle
