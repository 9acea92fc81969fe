#include "index/code/code_lexer.h"

#include <algorithm>
#include <array>

namespace callslip {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t longest_character = 12;  // bytes: '\U0001F600'
constexpr std::size_t longest_pattern = 1000;  // bytes; looked for at each slash

class Lexer {
 public:
  Lexer(std::string_view text, const CodeSyntax& syntax) : text_(text), syntax_(syntax) {
    for (std::size_t pos = 0; pos < syntax.line_comments.size();) {
      const std::size_t end =
          std::min(syntax.line_comments.find(' ', pos), syntax.line_comments.size());
      if (marks_ < line_marks_.size() && end > pos) {
        line_marks_[marks_++] = syntax.line_comments.substr(pos, end - pos);
        telling_[static_cast<unsigned char>(syntax.line_comments[pos])] = true;
      }
      pos = end + 1;
    }
    if (!syntax.comment_open.empty()) {
      telling_[static_cast<unsigned char>(syntax.comment_open.front())] = true;
    }
    for (const char quote : syntax.quotes) telling_[static_cast<unsigned char>(quote)] = true;
    if (syntax.characters) telling_[static_cast<unsigned char>('\'')] = true;
  }

  std::vector<CodeSpan> run() {
    while (at_ < text_.size()) {
      const bool telling = telling_[static_cast<unsigned char>(text_[at_])];
      if (!telling || (!comment() && !string() && !pattern())) ++at_;
    }
    return std::move(spans_);
  }

 private:
  bool has(std::string_view mark) const { return text_.substr(at_, mark.size()) == mark; }

  void add(std::size_t end, CodeSpan::Kind kind) {
    spans_.push_back({at_, end, kind});
    at_ = end;
  }

  std::size_t line_end(std::size_t from) const {
    return std::min(text_.find('\n', from), text_.size());
  }

  bool comment() {
    if (!syntax_.comment_open.empty() && has(syntax_.comment_open)) {
      add(block_end(), CodeSpan::Kind::comment);
      return true;
    }
    for (std::size_t i = 0; i < marks_; ++i) {
      if (!has(line_marks_[i])) continue;
      if (syntax_.hash_after_space && at_ > 0 &&
          std::string_view(" \t\n;(").find(text_[at_ - 1]) == npos) {
        continue;
      }
      if (!is_mark_alone(line_marks_[i])) continue;
      add(line_end(at_), CodeSpan::Kind::comment);
      return true;
    }
    return false;
  }

  /// "rem" and "dnl" are words.
  bool is_mark_alone(std::string_view mark) const {
    const auto is_letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
    if (!is_letter(mark.front())) return true;
    const std::size_t end = at_ + mark.size();
    return (at_ == 0 || !is_letter(text_[at_ - 1])) &&
           (end >= text_.size() || !is_letter(text_[end]));
  }

  std::size_t block_end() const {
    std::size_t depth = 1;
    std::size_t from = at_ + syntax_.comment_open.size();
    for (;;) {
      const std::size_t close = text_.find(syntax_.comment_close, from);
      if (close == npos) return text_.size();
      if (syntax_.nested_comments) {
        for (std::size_t open = text_.substr(0, close).find(syntax_.comment_open, from);
             open != npos; open = text_.substr(0, close).find(syntax_.comment_open, open + 1)) {
          ++depth;
        }
      }
      from = close + syntax_.comment_close.size();
      if (--depth == 0) return from;
    }
  }

  bool string() {
    const char quote = text_[at_];
    if (quote == '\'' && syntax_.characters && syntax_.quotes.find(quote) == npos)
      return character();
    if (syntax_.quotes.find(quote) == npos) return false;
    if (syntax_.raw_strings && quote == '"' && at_ > 0 && text_[at_ - 1] == 'R') {
      if (const std::size_t end = raw_end(); end != npos) {
        add(end, CodeSpan::Kind::string);
        return true;
      }
    }
    if (syntax_.triple_quotes && text_.substr(at_, 3) == std::string_view(triple(quote))) {
      add(closed(triple(quote), at_ + 3, true), CodeSpan::Kind::string);
      return true;
    }
    const bool tall = syntax_.tall_quotes.find(quote) != npos;
    add(closed(std::string_view(&text_[at_], 1), at_ + 1, tall), CodeSpan::Kind::string);
    return true;
  }

  static std::string_view triple(char quote) { return quote == '"' ? "\"\"\"" : "'''"; }

  /// Behind the next `close`; behind the line where the string may not go on over lines.
  std::size_t closed(std::string_view close, std::size_t from, bool tall) const {
    for (std::size_t i = from; i < text_.size(); ++i) {
      if (text_[i] == '\\' && syntax_.escapes) {
        ++i;  // also a line that goes on
      } else if (text_[i] == '\n' && !tall) {
        return i;
      } else if (text_[i] == close.front() && text_.substr(i, close.size()) == close) {
        return i + close.size();
      }
    }
    return text_.size();
  }

  /// 'x' or '\n'; an apostrophe of a lifetime or of a number is passed by.
  bool character() {
    const std::size_t limit = std::min(at_ + longest_character, text_.size());
    std::size_t i = at_ + 1;
    if (i < limit && text_[i] == '\\') {
      i += 2;
    } else {
      if (i < limit && text_[i] != '\'' && text_[i] != '\n') ++i;
      while (i < limit && (static_cast<unsigned char>(text_[i]) & 0xC0) == 0x80) ++i;
    }
    const bool escaped = at_ + 1 < text_.size() && text_[at_ + 1] == '\\';
    while (escaped && i < limit && text_[i] != '\'' && text_[i] != '\n') ++i;
    if (i >= text_.size() || text_[i] != '\'') return false;
    add(i + 1, CodeSpan::Kind::string);
    return true;
  }

  /// A pattern stands where a value may: behind an operator or an opening bracket. What it holds
  /// is neither comment nor string.
  bool pattern() {
    if (!syntax_.patterns || text_[at_] != '/') return false;
    std::size_t before = at_;
    while (before > 0 && (text_[before - 1] == ' ' || text_[before - 1] == '\t')) --before;
    const std::string_view ahead = text_.substr(0, before);
    if (before > 0 && std::string_view("(,=:[!&|?{};\n").find(ahead.back()) == npos &&
        !ahead.ends_with("return") && !ahead.ends_with("typeof") && !ahead.ends_with("case")) {
      return false;
    }
    bool in_class = false;
    const std::size_t limit = std::min(at_ + longest_pattern, text_.size());
    for (std::size_t i = at_ + 1; i < limit && text_[i] != '\n'; ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == '[') {
        in_class = true;
      } else if (text_[i] == ']') {
        in_class = false;
      } else if (text_[i] == '/' && !in_class) {
        add(i + 1, CodeSpan::Kind::string);
        return true;
      }
    }
    return false;
  }

  std::size_t raw_end() const {
    const std::size_t paren = text_.substr(at_, 18).find('(');  // the delimiter is short
    if (paren == npos) return npos;
    const std::size_t open = at_ + paren;
    std::array<char, 20> close{};
    std::size_t size = 0;
    close[size++] = ')';
    for (const char c : text_.substr(at_ + 1, open - at_ - 1)) close[size++] = c;
    close[size++] = '"';
    const std::size_t end = text_.find(std::string_view(close.data(), size), open);
    return end == npos ? text_.size() : end + size;
  }

  const std::string_view text_;
  const CodeSyntax& syntax_;
  std::array<bool, 256> telling_{};
  std::array<std::string_view, 4> line_marks_;
  std::size_t marks_ = 0;
  std::size_t at_ = 0;
  std::vector<CodeSpan> spans_;
};

}  // namespace

std::vector<CodeSpan> comments_and_strings(std::string_view text, const CodeSyntax& syntax) {
  return Lexer(text, syntax).run();
}

}  // namespace callslip
