#include "index/code/keyword_outline.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "index/formats/text_document.h"

namespace callslip {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t longest_line = 1000;  // bytes; definitions stand in shorter ones
constexpr std::size_t most_headings = 200'000;

// May stand before the keyword of a definition.
constexpr std::array modifiers = {
    "public", "private",   "protected", "internal", "local",   "async",  "static", "final",
    "export", "abstract",  "mutable",   "open",     "pure",    "inline", "impure", "elemental",
    "global", "recursive", "partial",   "friend",   "virtual", "pub",    "cpdef",  "noncomputable"};
// May stand between the keyword and the name.
constexpr std::array fillers = {"def",     "function", "sub", "class",  "struct",
                                "type",    "body",     "rec", "eval",   "or",
                                "replace", "if",       "not", "exists", "nonrec"};
// A line that begins so does not end what was begun at its indentation.
constexpr std::array closers = {"end",   "}",      ")",      "]",      "{",     "else",    "elif",
                                "elsif", "except", "rescue", "ensure", "catch", "finally", "when",
                                "then",  "do",     "done",   "fi",     "esac",  "begin",   "is",
                                "where", "with",   "endif",  "endmenu"};

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<const char*, N>& words) {
  return std::any_of(words.begin(), words.end(), [&](const char* w) { return word == w; });
}

std::string_view skip_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
}

/// A run of name bytes and of `more` at the beginning.
std::string_view leading_name(std::string_view text, std::string_view more = {}) {
  std::size_t end = 0;
  while (end < text.size() && (is_name_byte(text[end]) || more.find(text[end]) != npos)) ++end;
  return text.substr(0, end);
}

struct Line {
  std::size_t start = 0;
  std::size_t end = 0;  // behind its newline
  std::size_t indent = 0;
  std::string_view text;  // without indentation and newline
};

struct Found {
  std::string_view kind;
  std::string name;
};

class KeywordOutliner {
 public:
  KeywordOutliner(std::string_view text, const CodeSyntax& syntax,
                  const std::vector<CodeSpan>& spans)
      : text_(text), syntax_(syntax), spans_(spans) {
    const std::string_view list = syntax.definitions;
    for (std::size_t pos = 0; pos < list.size();) {
      const std::size_t end = std::min(list.find(' ', pos), list.size());
      const std::string_view entry = list.substr(pos, end - pos);
      const std::size_t equals = entry.rfind('=');
      entries_.emplace_back(entry.substr(0, equals),
                            equals == npos ? entry : entry.substr(equals + 1));
      pos = end + 1;
    }
  }

  std::vector<Heading> run() {
    std::size_t lead = npos;  // where comments and annotations began that stand right above
    auto span = spans_.begin();
    for (Line line; next(line);) {
      while (span != spans_.end() && span->end <= line.start) ++span;
      const bool inside = span != spans_.end() && span->start < line.start;
      if (line.text.empty()) {
        if (!inside) lead = npos;
        continue;
      }
      if (inside) continue;
      const std::size_t first = line.end - line.start > longest_line ? npos : line.start + offset_;
      const bool comment = span != spans_.end() && span->kind == CodeSpan::Kind::comment &&
                           span->start <= line.start + offset_;
      if (comment || line.text.front() == '@' || line.text.starts_with("#[")) {
        if (lead == npos) lead = line.start;
        continue;
      }
      Found found;
      if (first != npos && headings_.size() < most_headings) found = read(line);
      const bool closer = found.name.empty() && is_closer(line.text);
      const std::size_t start = lead == npos ? line.start : lead;
      while (!open_.empty() && (line.indent < open_.back().indent ||
                                (line.indent == open_.back().indent && !closer))) {
        headings_[open_.back().heading].byte_end = start;
        open_.pop_back();
      }
      lead = npos;
      if (found.name.empty()) continue;
      add(found, start, line.indent);
    }
    for (const Open& open : open_) headings_[open.heading].byte_end = text_.size();
    return std::move(headings_);
  }

 private:
  struct Open {
    std::size_t heading = 0;
    std::size_t indent = 0;
  };

  bool next(Line& line) {
    if (at_ >= text_.size()) return false;
    line.start = at_;
    const std::size_t newline = text_.find('\n', at_);
    line.end = newline == npos ? text_.size() : newline + 1;
    at_ = line.end;
    std::string_view whole = text_.substr(line.start, line.end - line.start);
    while (!whole.empty() && (whole.back() == '\n' || whole.back() == '\r')) whole.remove_suffix(1);
    line.indent = 0;
    offset_ = 0;
    while (offset_ < whole.size() && (whole[offset_] == ' ' || whole[offset_] == '\t')) {
      line.indent = whole[offset_] == ' ' ? line.indent + 1 : (line.indent / 8 + 1) * 8;
      ++offset_;
    }
    line.text = whole.substr(offset_);
    return true;
  }

  static bool is_closer(std::string_view text) {
    const std::string_view word = leading_name(text);
    return is_one_of(word.empty() ? text.substr(0, 1) : word, closers);
  }

  void add(const Found& found, std::size_t start, std::size_t indent) {
    std::string text = std::string(found.kind) + " " + found.name;
    const int level = static_cast<int>(open_.size()) + 1;
    // The clauses of a function follow each other.
    if (!headings_.empty() && headings_.back().text == text && headings_.back().level == level) {
      open_.push_back({headings_.size() - 1, indent});
      return;
    }
    const bool nested_in_function = !open_.empty() && is_function(headings_[open_.back().heading]);
    Heading heading;
    heading.byte_start = start;
    heading.level = level;
    if (found.kind == "function" && !open_.empty() && !nested_in_function &&
        headings_[open_.back().heading].text.starts_with("class ")) {
      text = "method " + found.name;
    }
    heading.text = std::move(text);
    open_.push_back({headings_.size(), indent});
    headings_.push_back(std::move(heading));
  }

  static bool is_function(const Heading& heading) {
    return heading.text.starts_with("function ") || heading.text.starts_with("method ");
  }

  bool same(std::string_view word, std::string_view keyword) const {
    return syntax_.any_case ? ascii_lower(word) == keyword : word == keyword;
  }

  Found read(const Line& line) const {
    std::string_view rest = line.text;
    for (int i = 0; i < 2; ++i) {
      const std::string_view word = leading_name(rest);
      if (word.empty() ||
          !is_one_of(syntax_.any_case ? ascii_lower(word) : std::string(word), modifiers)) {
        break;
      }
      rest = skip_blanks(rest.substr(word.size()));
    }
    for (const auto& [keyword, kind] : entries_) {
      if (!is_name_byte(keyword.front())) {
        if (Found found = by_mark(line, keyword, kind); !found.name.empty()) return found;
        continue;
      }
      const std::string_view word = leading_name(rest);
      if (!same(word, keyword)) continue;
      return named(rest.substr(word.size()), keyword, kind);
    }
    return {};
  }

  Found named(std::string_view rest, std::string_view keyword, std::string_view kind) const {
    if (rest.empty()) return {};
    const bool called = rest.front() == '(';  // SYM_FUNC_START(x), function(x) of CMake
    if (called && (keyword == "type" || keyword == "class" || keyword == "let")) return {};
    if (rest.front() == '!') rest.remove_prefix(1);  // of Vim
    if (!called && rest.front() != ' ' && rest.front() != '\t') return {};
    rest = skip_blanks(rest.substr(called ? 1 : 0));
    if (kind == "create") {  // SQL says what
      for (int i = 0; i < 4; ++i) {
        const std::string word = ascii_lower(leading_name(rest));
        for (const char* what : {"table", "view", "function", "procedure", "trigger", "index",
                                 "type", "schema", "sequence"}) {
          if (word != what) continue;
          return named(rest.substr(word.size()), {}, what);
        }
        rest = skip_blanks(rest.substr(std::min(word.size(), rest.size())));
      }
      return {};
    }
    for (int i = 0; i < 4; ++i) {
      const std::string_view word = leading_name(rest);
      if (word.empty() || word.size() == rest.size() ||
          !is_one_of(syntax_.any_case ? ascii_lower(word) : std::string(word), fillers)) {
        break;
      }
      rest = skip_blanks(rest.substr(word.size()));
    }
    if (!rest.empty() && (rest.front() == '"' || rest.front() == '\'')) return quoted(rest, kind);
    return {kind, std::string(leading_name(rest, syntax_.kebab ? ".:$!?-*/><+=" : ".:$!?"))};
  }

  /// menu "Networking", resource "a" "b".
  static Found quoted(std::string_view rest, std::string_view kind) {
    Found found{kind, {}};
    while (!rest.empty() && (rest.front() == '"' || rest.front() == '\'')) {
      const std::size_t close = rest.find(rest.front(), 1);
      if (close == npos) break;
      if (!found.name.empty()) found.name += '.';
      found.name += rest.substr(1, close - 1);
      rest = skip_blanks(rest.substr(close + 1));
    }
    return found;
  }

  Found by_mark(const Line& line, std::string_view mark, std::string_view kind) const {
    const std::string_view text = line.text;
    if (mark.front() == '(') {
      if (mark == "()") {  // name() of a shell
        const std::string_view name = leading_name(text, "-.:");
        const std::string_view rest = skip_blanks(text.substr(name.size()));
        if (name.empty() || !rest.starts_with("()")) return {};
        return {kind, std::string(name)};
      }
      if (!text.starts_with(mark) || text.size() == mark.size()) return {};
      if (text[mark.size()] != ' ' && text[mark.size()] != '\t') return {};
      std::string_view rest = skip_blanks(text.substr(mark.size()));
      if (rest.starts_with("(")) rest.remove_prefix(1);  // (define (name x) ...)
      return {kind, std::string(leading_name(rest, "-.:$!?*/><+=%&"))};
    }
    if (mark == ":") {  // a target of make
      if (line.indent != 0) return {};
      const std::string_view name = leading_name(text, "-./%+");
      const std::string_view rest = skip_blanks(text.substr(name.size()));
      if (name.empty() || !rest.starts_with(':') || rest.starts_with(":=") ||
          rest.starts_with("::=")) {
        return {};
      }
      return {kind, std::string(name)};
    }
    if (mark == "::") {  // a signature
      const std::string_view name = leading_name(text, "'");
      if (name.empty() || !skip_blanks(text.substr(name.size())).starts_with("::")) return {};
      return {kind, std::string(name)};
    }
    if (mark == "<-") {
      const std::string_view name = leading_name(text, ".");
      const std::string_view rest = skip_blanks(text.substr(name.size()));
      if (name.empty() || !(rest.starts_with("<-") || rest.starts_with("=")) ||
          rest.find("function") == npos) {
        return {};
      }
      return {kind, std::string(name)};
    }
    if (mark == "->") {  // a clause
      const std::string_view name = leading_name(text);
      if (line.indent != 0 || name.empty() || !text.substr(name.size()).starts_with('(') ||
          text.find("->") == npos) {
        return {};
      }
      return {kind, std::string(name)};
    }
    if (!text.starts_with(mark)) return {};  // -module(name), .macro name
    std::string_view rest = text.substr(mark.size());
    if (rest.empty() || (rest.front() != '(' && rest.front() != ' ' && rest.front() != '\t'))
      return {};
    rest = skip_blanks(rest.substr(1));
    return {kind, std::string(leading_name(rest))};
  }

  const std::string_view text_;
  const CodeSyntax& syntax_;
  const std::vector<CodeSpan>& spans_;
  std::vector<std::pair<std::string_view, std::string_view>> entries_;  // keyword, kind
  std::size_t at_ = 0;
  std::size_t offset_ = 0;  // of the line's text
  std::vector<Open> open_;
  std::vector<Heading> headings_;
};

}  // namespace

std::vector<Heading> outline_keywords(std::string_view text, const CodeSyntax& syntax,
                                      const std::vector<CodeSpan>& spans) {
  return KeywordOutliner(text, syntax, spans).run();
}

std::vector<Heading> outline_sections(std::string_view text) {
  std::vector<Heading> headings;
  LineScanner lines(text);
  for (TextLine line; lines.next(line) && headings.size() < most_headings;) {
    const std::string_view content = trimmed(line.text);
    if (content.size() < 3 || content.front() != '[') continue;
    const std::size_t close = content.rfind(']');
    if (close == npos || close < 2) continue;
    const std::string_view name = content.substr(0, close).substr(content.find_first_not_of('['));
    if (name.find_first_of("\"',;{}") != npos && name.find_first_of(",;{}") != npos) continue;
    headings.push_back({line.start, 1, "section " + clean_heading(name), 0});
  }
  return headings;
}

}  // namespace callslip
