#include "index/formats/office/number_format.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "index/formats/office/sheet_number.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

constexpr std::size_t max_code = 1024;

bool is_date_letter(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return lower == 'y' || lower == 'm' || lower == 'd' || lower == 'h' || lower == 's';
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  return ascii_lower(text.substr(0, lower.size())) == lower;
}

}  // namespace

NumberFormat::NumberFormat(std::string_view code) {
  code = code.substr(0, max_code);
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= code.size(); ++i) {
    if (i < code.size()) {
      if (code[i] == '"') quoted = !quoted;
      if (!quoted && (code[i] == '\\' || code[i] == '_' || code[i] == '*')) {
        ++i;
        continue;
      }
      if (quoted || code[i] != ';') continue;
    }
    sections_.push_back(parse_section(code.substr(start, std::min(i, code.size()) - start)));
    start = i + 1;
    if (sections_.size() == 4) break;
  }
  is_general_ = sections_.size() == 1 && sections_[0].tokens.size() == 1 &&
                sections_[0].tokens[0].kind == Kind::general;
}

NumberFormat::Section NumberFormat::parse_section(std::string_view code) {
  Section section;
  std::vector<Token>& tokens = section.tokens;
  const auto literal = [&](std::string_view text) {
    if (tokens.empty() || tokens.back().kind != Kind::literal) tokens.push_back({});
    tokens.back().text += text;
  };
  std::uint32_t language = 0;
  for (std::size_t i = 0; i < code.size();) {
    const char c = code[i];
    const std::string_view rest = code.substr(i);
    if (c == '"') {
      const std::size_t end = std::min(code.find('"', i + 1), code.size());
      literal(code.substr(i + 1, end - i - 1));
      i = end + 1;
    } else if (c == '\\') {
      std::size_t length = 1;
      while (i + 1 + length < code.size() && (code[i + 1 + length] & 0xC0) == 0x80) ++length;
      literal(code.substr(std::min(i + 1, code.size()), length));
      i += 1 + length;
    } else if (c == '_') {
      literal(" ");
      i += 2;
    } else if (c == '*') {
      i += 2;
    } else if (c == '[') {
      const std::size_t end = std::min(code.find(']', i), code.size());
      const std::string_view inner = code.substr(i + 1, end - i - 1);
      i = end + 1;
      if (inner.starts_with('$')) {
        // "[$€-407]": a currency, a language, either of them.
        const std::size_t dash = std::min(inner.find('-'), inner.size());
        literal(inner.substr(1, dash - 1));
        language = static_cast<std::uint32_t>(
            std::strtoul(std::string(inner.substr(std::min(dash + 1, inner.size()))).c_str(),
                         nullptr, 16) &
            0xFFFF);
      } else if (!inner.empty() && (inner[0] == '<' || inner[0] == '>' || inner[0] == '=')) {
        const std::size_t number = std::min(inner.find_first_not_of("<>="), inner.size());
        section.condition = inner.substr(0, number);
        section.bound = std::strtod(std::string(inner.substr(number)).c_str(), nullptr);
      } else if (!inner.empty() && is_date_letter(inner[0]) &&
                 leading(ascii_lower(inner), static_cast<char>(inner[0] | 0x20)) == inner.size()) {
        tokens.push_back({Kind::date, "[" + ascii_lower(inner) + "]"});
        section.date = true;
      }
    } else if (starts_with_ignoring_case(rest, "general")) {
      tokens.push_back({Kind::general, {}});
      i += 7;
    } else if (starts_with_ignoring_case(rest, "am/pm")) {
      tokens.push_back({Kind::date, "am/pm"});
      section.date = true;
      i += 5;
    } else if (starts_with_ignoring_case(rest, "a/p")) {
      tokens.push_back({Kind::date, "a/p"});
      section.date = true;
      i += 3;
    } else if (c == '0' || c == '#' || c == '?') {
      tokens.push_back({Kind::digit, std::string(1, c)});
      ++i;
    } else if (c == '.') {
      tokens.push_back({Kind::point, "."});
      ++i;
    } else if (c == ',') {
      const bool behind_digit = !tokens.empty() && tokens.back().kind == Kind::digit;
      std::size_t end = i;
      while (end < code.size() && code[end] == ',') ++end;
      const bool before_digit =
          end < code.size() && (code[end] == '0' || code[end] == '#' || code[end] == '?');
      if (behind_digit && before_digit) {
        section.thousands = true;
      } else if (behind_digit) {
        section.scale = std::min(static_cast<int>(end - i), 5);
      } else {
        literal(",");
      }
      i = end;
    } else if (c == '%') {
      tokens.push_back({Kind::percent, "%"});
      ++i;
    } else if ((c == 'E' || c == 'e') && rest.size() > 1 && (rest[1] == '+' || rest[1] == '-')) {
      tokens.push_back({Kind::exponent, std::string(1, rest[1])});
      i += 2;
    } else if (c == '/' && !section.date && !tokens.empty() && tokens.back().kind == Kind::digit) {
      tokens.push_back({Kind::slash, "/"});
      ++i;
    } else if (c == '/' && section.date) {
      tokens.push_back({Kind::date, "/"});
      ++i;
    } else if (c == '@') {
      tokens.push_back({Kind::text, "@"});
      ++i;
    } else if (is_date_letter(c)) {
      const std::string run = ascii_lower(rest);
      const std::size_t length = leading(run, run[0]);
      tokens.push_back({Kind::date, run.substr(0, length)});
      section.date = true;
      i += length;
    } else {
      literal(code.substr(i, 1));
      ++i;
    }
  }
  // 0xF800, 0xF400: dates and times as the system shows them.
  if (section.date && language != 0 && language < 0xF000) {
    section.names = calendar_names(language);
  }
  return section;
}

bool NumberFormat::is_date() const { return !sections_.empty() && sections_.front().date; }

const NumberFormat::Section* NumberFormat::choose(double value) const {
  const auto holds = [&](const Section& section) {
    const std::string& op = section.condition;
    if (op == "<") return value < section.bound;
    if (op == "<=") return value <= section.bound;
    if (op == ">") return value > section.bound;
    if (op == ">=") return value >= section.bound;
    if (op == "=") return value == section.bound;
    return op == "<>" && value != section.bound;
  };
  const std::size_t count = std::min<std::size_t>(sections_.size(), 3);
  bool conditions = false;
  for (std::size_t i = 0; i < count; ++i)
    conditions = conditions || !sections_[i].condition.empty();
  if (conditions) {
    for (std::size_t i = 0; i < count; ++i) {
      if (sections_[i].condition.empty() || holds(sections_[i])) return &sections_[i];
    }
    return nullptr;
  }
  if (count == 0) return nullptr;
  if (value < 0 && count > 1) return &sections_[1];
  if (value == 0 && count > 2) return &sections_[2];
  return &sections_[0];
}

std::string NumberFormat::format(double value, bool from_1904) const {
  if (!std::isfinite(value)) return "#NUM!";
  if (is_general_) return general_number(value);
  const Section* section = choose(value);
  if (section == nullptr) return general_number(value);
  if (section->date) {
    if (value < 0 || value >= 2'958'466) return general_number(value);
    return std::string(trimmed(format_date(*section, value, from_1904)));
  }
  // A section for negative numbers says itself how they are marked.
  const bool own_section = sections_.size() > 1 && section != &sections_[0];
  const double shown = own_section || !section->condition.empty() ? std::fabs(value) : value;
  return std::string(trimmed(format_number(*section, shown)));
}

std::string NumberFormat::format_text(std::string_view text) const {
  const Section* section = sections_.size() == 4 ? &sections_[3] : nullptr;
  if (sections_.size() == 1) section = &sections_[0];
  if (section == nullptr) return std::string(text);
  std::string out;
  bool placed = false;
  for (const Token& token : section->tokens) {
    if (token.kind == Kind::text) {
      out += text;
      placed = true;
    } else if (token.kind == Kind::literal) {
      out += token.text;
    }
  }
  return placed ? out : std::string(text);
}

}  // namespace callslip
