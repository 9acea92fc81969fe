#include "tools/citations.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

#include "index/text/utf8_steps.h"

namespace callslip {
namespace {

constexpr std::size_t longest_citation = 400;
constexpr std::string_view wide_open = "\u3010";
constexpr std::string_view wide_close = "\u3011";

struct Bracket {
  std::string_view open;
  std::string_view close;
  std::string_view inside;
  std::size_t end = 0;  // past it
};

std::optional<Bracket> bracket_at(std::string_view text, std::size_t pos) {
  const bool wide = text.substr(pos, wide_open.size()) == wide_open;
  if (!wide && text[pos] != '[') return std::nullopt;
  Bracket bracket{wide ? wide_open : "[", wide ? wide_close : "]", {}, 0};
  const std::size_t start = pos + bracket.open.size();
  const std::size_t length = text.substr(start, longest_citation).find(bracket.close);
  if (length == std::string_view::npos) return std::nullopt;
  bracket.inside = text.substr(start, length);
  bracket.end = start + length + bracket.close.size();
  return bracket;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// What an id could look like: one word, with a digit in it.
bool is_idlike(std::string_view item) {
  const auto id_character = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_:.#/").find(c) != std::string_view::npos;
  };
  return !item.empty() && std::all_of(item.begin(), item.end(), id_character) &&
         item.find_first_of("0123456789") != std::string_view::npos;
}

/// "ID: 4f2a:9", "chunk 4f2a:9" -> "4f2a:9".
std::string_view without_label(std::string_view item) {
  item = utf8::trim(item);
  const std::size_t space = item.rfind(' ');
  if (space == std::string_view::npos) return item;
  std::string label(item.substr(0, space));
  std::transform(label.begin(), label.end(), label.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  while (!label.empty() && (label.back() == ':' || label.back() == '=')) label.pop_back();
  const bool known = label == "id" || label == "chunk" || label == "chunk_id" ||
                     label == "chunk id" || label == "evidence" || label == "source";
  return known ? item.substr(space + 1) : item;
}

std::vector<std::string_view> items_of(std::string_view inside) {
  std::vector<std::string_view> items;
  for (std::size_t pos = 0; pos <= inside.size();) {
    const std::size_t end = std::min(inside.find_first_of(",;", pos), inside.size());
    items.push_back(without_label(inside.substr(pos, end - pos)));
    pos = end + 1;
  }
  return items;
}

/// The citation with the known ids alone; nothing when the bracket is none. Empty: none is known.
std::optional<std::string> cleaned(const Bracket& bracket, char before, char after,
                                   const std::unordered_set<std::string>& known) {
  const std::vector<std::string_view> items = items_of(bracket.inside);
  std::string kept;
  bool all_known = true;
  for (const std::string_view item : items) {
    if (known.count(std::string(item)) > 0) {
      kept += (kept.empty() ? "" : ", ") + std::string(item);
    } else if (is_idlike(item)) {
      all_known = false;
    } else {
      return std::nullopt;
    }
  }
  const bool index =
      is_digits(bracket.inside) && std::isalnum(static_cast<unsigned char>(before)) != 0;
  const bool link = after == '(';
  if (all_known || (kept.empty() && (index || link))) return std::nullopt;
  if (kept.empty()) return kept;
  return std::string(bracket.open) + kept + std::string(bracket.close);
}

}  // namespace

std::string keep_known_citations(std::string_view answer,
                                 const std::unordered_set<std::string>& known) {
  std::string text;
  bool code = false;
  for (std::size_t pos = 0; pos < answer.size();) {
    if (answer[pos] == '`') code = !code;
    const std::optional<Bracket> bracket = code ? std::nullopt : bracket_at(answer, pos);
    if (bracket) {
      const char before = pos > 0 ? answer[pos - 1] : ' ';
      const char after = bracket->end < answer.size() ? answer[bracket->end] : ' ';
      if (const std::optional<std::string> citation = cleaned(*bracket, before, after, known)) {
        if (citation->empty() && !text.empty() && text.back() == ' ') text.pop_back();
        text += *citation;
        pos = bracket->end;
        continue;
      }
    }
    text.push_back(answer[pos++]);
  }
  return text;
}

}  // namespace callslip
