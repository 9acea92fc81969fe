#include "plugin/connect/json_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace callslip {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kBlank = " \t\r\n";

std::size_t line_start(std::string_view text, std::size_t position) {
  const std::size_t newline =
      position == 0 ? std::string_view::npos : text.rfind('\n', position - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

/// The white space before the position, where nothing else stands on its line.
std::optional<std::string> own_indentation(std::string_view text, std::size_t position) {
  const std::size_t start = line_start(text, position);
  const std::string_view before = text.substr(start, position - start);
  if (before.find_first_not_of(" \t") != std::string_view::npos) return std::nullopt;
  return std::string(before);
}

/// The white space at the beginning of the position's line.
std::string indentation(std::string_view text, std::size_t position) {
  const std::string_view line = text.substr(line_start(text, position));
  return std::string(line.substr(0, std::min(line.find_first_not_of(" \t"), line.size())));
}

/// What this file indents by.
std::string unit_of(const JsonNode& root, std::string_view text) {
  for (const JsonMember& member : root.members) {
    const auto own = own_indentation(text, member.begin);
    if (own && !own->empty()) return *own;
  }
  return "  ";
}

/// Objects over lines, arrays of plain values on one.
std::string format(const ordered_json& value, const std::string& indent, const std::string& unit) {
  const bool plain = std::none_of(value.begin(), value.end(),
                                  [](const ordered_json& item) { return item.is_structured(); });
  if (!value.is_structured() || value.empty()) return value.dump();
  std::string out(1, value.is_object() ? '{' : '[');
  const std::string inner = "\n" + indent + unit;
  bool first = true;
  for (const auto& [key, item] : value.items()) {
    if (value.is_object() || !plain) {
      out += (first ? "" : ",") + inner;
    } else {
      out += first ? "" : ", ";
    }
    if (value.is_object()) out += ordered_json(key).dump() + ": ";
    out += format(item, indent + unit, unit);
    first = false;
  }
  if (value.is_object() || !plain) out += "\n" + indent;
  return out + (value.is_object() ? '}' : ']');
}

/// With the line ends of the text.
std::string with_line_ends_of(std::string_view text, std::string inserted) {
  const std::size_t first = text.find('\n');
  if (first == std::string_view::npos || first == 0 || text[first - 1] != '\r') return inserted;
  for (std::size_t at = inserted.find('\n'); at != std::string::npos;
       at = inserted.find('\n', at + 2)) {
    inserted.insert(at, 1, '\r');
  }
  return inserted;
}

std::string replaced(std::string_view text, std::size_t begin, std::size_t end,
                     const std::string& by) {
  return std::string(text.substr(0, begin)) + with_line_ends_of(text, by) +
         std::string(text.substr(end));
}

/// Behind blanks and comments, of which the last may be unclosed at `stop`.
std::size_t skip_to_comma(std::string_view text, std::size_t at, std::size_t stop) {
  while (at < stop) {
    if (text.substr(at, 2) == "//") {
      at = std::min(text.find('\n', at), stop);
    } else if (text.substr(at, 2) == "/*") {
      at = std::min(text.find("*/", at), stop - 2) + 2;
    } else if (kBlank.find(text[at]) != std::string_view::npos) {
      ++at;
    } else {
      break;
    }
  }
  return std::min(at, stop);
}

/// The end of what stands on the position's line, if that is only a comment or blanks: what is
/// added goes below it.
std::size_t behind_line_comment(std::string_view text, std::size_t at, std::size_t stop) {
  const std::size_t line_end = std::min(text.find('\n', at), text.size());
  if (line_end > stop) return at;
  std::size_t end = at;
  for (std::size_t i = at; i < line_end;) {
    if (text.substr(i, 2) == "//") {
      end = line_end;
      break;
    }
    if (text.substr(i, 2) == "/*") {
      const std::size_t close = text.find("*/", i);
      if (close == std::string_view::npos || close > line_end) return at;
      i = end = close + 2;
    } else if (text[i] == ' ' || text[i] == '\t' || text[i] == '\r') {
      ++i;
    } else {
      return at;
    }
  }
  while (end > at && (text[end - 1] == '\r' || text[end - 1] == ' ')) --end;
  return end;
}

/// Adds a member at the end of an object or array.
std::string append(std::string_view text, const JsonNode& root, const JsonNode& into,
                   const std::string& key, const ordered_json& value) {
  const std::string unit = unit_of(root, text);
  const std::string base = indentation(text, into.begin);
  std::string inner = base + unit;
  if (!into.members.empty()) {
    inner = own_indentation(text, into.members.front().begin).value_or(inner);
  }
  const std::string name = key.empty() ? "" : ordered_json(key).dump() + ": ";
  const std::string member = inner + name + format(value, inner, unit);
  const std::size_t close = into.end - 1;
  const bool closes_own_line = own_indentation(text, close).has_value();
  const std::string tail = closes_own_line ? "" : "\n" + base;
  if (into.members.empty()) {
    // Comments may stand inside.
    std::size_t end = close;
    while (end > into.begin + 1 && kBlank.find(text[end - 1]) != std::string_view::npos) --end;
    return replaced(text, end, close, "\n" + member + "\n" + base);
  }
  const std::size_t last = into.members.back().value.end;
  const std::size_t comma = skip_to_comma(text, last, close);
  const bool has_comma = comma < close && text[comma] == ',';
  const std::size_t from = has_comma ? comma + 1 : last;
  const std::size_t place = behind_line_comment(text, from, close);
  const std::string head(text.substr(0, from));
  const std::string between(text.substr(from, place - from));
  return head + (has_comma ? "" : ",") + between +
         with_line_ends_of(text, "\n" + member + (has_comma ? "," : "") + tail) +
         std::string(text.substr(place));
}

const JsonNode* child(const JsonNode& node, const JsonPath::value_type& step) {
  if (const auto* position = std::get_if<std::size_t>(&step)) {
    if (node.kind != JsonNode::Kind::array || *position >= node.members.size()) return nullptr;
    return &node.members[*position].value;
  }
  if (node.kind != JsonNode::Kind::object) return nullptr;
  const auto found = std::find_if(
      node.members.rbegin(), node.members.rend(),
      [&](const JsonMember& member) { return member.key == std::get<std::string>(step); });
  return found == node.members.rend() ? nullptr : &found->value;
}

}  // namespace

const JsonNode* find_json(const JsonNode& root, const JsonPath& path) {
  const JsonNode* node = &root;
  for (const auto& step : path) {
    node = child(*node, step);
    if (node == nullptr) return nullptr;
  }
  return node;
}

std::string set_json(std::string_view text, const JsonDialect& dialect, const JsonPath& path,
                     const ordered_json& value) {
  const auto root = parse_json_text(text, dialect);
  const JsonNode* node = &*root;
  for (std::size_t depth = 0; depth < path.size(); ++depth) {
    const JsonNode* next = child(*node, path[depth]);
    if (next != nullptr) {
      node = next;
      continue;
    }
    ordered_json missing = value;
    for (std::size_t i = path.size() - 1; i > depth; --i) {
      missing = ordered_json::object({{std::get<std::string>(path[i]), std::move(missing)}});
    }
    const auto* key = std::get_if<std::string>(&path[depth]);
    return append(text, *root, *node, key == nullptr ? "" : *key, missing);
  }
  const std::string indent = indentation(text, node->begin);
  return replaced(text, node->begin, node->end, format(value, indent, unit_of(*root, text)));
}

std::string remove_json(std::string_view text, const JsonDialect& dialect, const JsonPath& path) {
  const auto root = parse_json_text(text, dialect);
  const JsonNode* from = find_json(*root, JsonPath(path.begin(), path.end() - 1));
  const JsonNode* gone = find_json(*root, path);
  const auto member =
      std::find_if(from->members.begin(), from->members.end(),
                   [&](const JsonMember& candidate) { return &candidate.value == gone; });
  std::size_t begin = member->begin;
  std::size_t end = gone->end;
  const std::size_t close = from->end - 1;
  std::string result(text);
  if (const std::size_t comma = skip_to_comma(text, end, close);
      comma < close && text[comma] == ',') {
    end = comma + 1;
  } else if (member != from->members.begin()) {
    const std::size_t before = skip_to_comma(text, (member - 1)->value.end, begin);
    result.erase(before, 1);
    --begin;
    --end;
  }
  // The whole line, where nothing else stands on it.
  const std::size_t start = line_start(result, begin);
  const std::size_t next = std::min(result.find_first_not_of(" \t\r", end), result.size());
  if (own_indentation(result, begin) && next < result.size() && result[next] == '\n') {
    begin = start;
    end = next + 1;
  } else if (own_indentation(result, begin) && next < result.size() && result[next] == '/') {
    end = next;  // a comment stays
  } else if (!own_indentation(result, begin)) {
    while (result[begin - 1] == ' ' || result[begin - 1] == '\t') --begin;
  }
  result.erase(begin, end - begin);
  return result;
}

}  // namespace callslip
