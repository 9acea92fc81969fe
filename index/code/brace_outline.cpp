#include "index/code/brace_outline.h"

#include <algorithm>

#include "index/code/code_header.h"

namespace callslip {
namespace {

constexpr std::size_t most_tokens = 400;  // of a header; a longer one is data
constexpr std::size_t most_levels = 16;   // of headings

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

/// Walks the code, keeps the words since the last statement, and opens a scope at each brace. Takes
/// time linear in the text: what the scopes around it say, each scope says too.
class BraceOutliner {
 public:
  BraceOutliner(std::string_view text, const CodeSyntax& syntax, const std::vector<CodeSpan>& spans)
      : text_(text), syntax_(syntax), spans_(spans) {}

  std::vector<Heading> run() {
    auto span = spans_.begin();
    for (std::size_t at = 0; at < text_.size();) {
      if (span != spans_.end() && at >= span->start) {
        if (span->kind == CodeSpan::Kind::comment) {
          note_comment(span->start, span->end);
        } else {
          wants_name_ = false;
          line_has_code_ = true;
        }
        pass(at, span->end);
        at = span->end;
        ++span;
        continue;
      }
      const char c = text_[at];
      if (c == '\n') {
        line_begin_ = ++at;
        line_has_code_ = false;
      } else if (c == ' ' || c == '\t' || c == '\r') {
        ++at;
      } else if (c == '#' && syntax_.directives && !line_has_code_) {
        const std::size_t end = directive(at, span);
        pass(at, end);
        at = end;
      } else if (is_word_byte(c)) {
        const std::size_t limit = span != spans_.end() ? span->start : text_.size();
        std::size_t end = at + 1;
        while (end < limit && is_word_byte(text_[end])) ++end;
        on_word(at, end);
        line_has_code_ = true;
        at = end;
      } else if (const std::size_t end = initializer_end(at); end > at) {
        at = end;
      } else {
        on_mark(at);
        line_has_code_ = true;
        ++at;
      }
    }
    while (!scopes_.empty()) close(text_.size());
    std::erase_if(headings_, [](const Heading& heading) { return heading.text.empty(); });
    return std::move(headings_);
  }

 private:
  struct Scope {
    Definition::Scope kind = Definition::Scope::body;
    bool class_like = false;
    bool left_edge = false;     // its header begins at the left edge
    bool may_be_named = false;  // typedef struct {...} name;
    std::ptrdiff_t heading = -1;
    int level = 0;          // of the innermost heading that is open in it; 0: of none
    bool in_class = false;  // whether what begins in it is a member
  };

  /// Notes where the line begins that the byte behind [from, to) stands in.
  void pass(std::size_t from, std::size_t to) {
    const std::size_t newline = text_.substr(from, to - from).rfind('\n');
    if (newline == std::string_view::npos) return;
    line_begin_ = from + newline + 1;
    line_has_code_ = false;
  }

  /// Behind the braces of a member of a constructor's list: "a_{1}" defines nothing.
  std::size_t initializer_end(std::size_t at) const {
    constexpr std::size_t longest = 1000;
    if (text_[at] != '{' || !syntax_.raw_strings || header_.empty() || header_.back().end != at ||
        !(header_.back().word || text_[at - 1] == '>')) {
      return at;
    }
    const bool list = std::any_of(header_.begin(), header_.end(), [&](const CodeToken& token) {
      return text_[token.start] == ')';
    });
    std::size_t depth = 0;
    for (std::size_t i = at; list && i < text_.size() && i < at + longest; ++i) {
      if (text_[i] == '{') ++depth;
      if (text_[i] == '}' && --depth == 0) return i + 1;
      if (text_[i] == ';') return at;
    }
    return at;
  }

  /// A comment that stands alone belongs to what follows it, behind code on its line to that.
  void note_comment(std::size_t start, std::size_t end) {
    if (!header_.empty()) return;
    const bool near = comment_end_ != 0 && newlines(comment_end_, start) <= 1;
    if (!near && !line_has_code_) comment_start_ = line_begin_;
    comment_end_ = near || !line_has_code_ ? end : 0;
  }

  std::size_t newlines(std::size_t from, std::size_t to) const {
    return static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(from),
                                               text_.begin() + static_cast<std::ptrdiff_t>(to),
                                               '\n'));
  }

  /// Past the lines of a directive of the preprocessor. Of its branches only the first that leaves
  /// braces open counts: "#if A / if (x) { / #else / if (y) { / #endif" opens one.
  std::size_t directive(std::size_t at, std::vector<CodeSpan>::const_iterator& span) {
    std::size_t end = at;
    for (;;) {
      const std::size_t newline = text_.find('\n', end);
      if (newline == std::string_view::npos) {
        end = text_.size();
        break;
      }
      end = newline + 1;
      std::size_t last = newline;
      if (last > at && text_[last - 1] == '\r') --last;
      if (last == at || text_[last - 1] != '\\') break;
    }
    // A comment may begin in the directive and end behind it.
    while (span != spans_.end() && span->start < end) {
      end = std::max(end, span->end);
      ++span;
    }
    std::size_t word = at + 1;
    while (word < end && (text_[word] == ' ' || text_[word] == '\t')) ++word;
    const std::string_view rest = text_.substr(word, end - word);
    if (rest.starts_with("if")) {
      branches_.push_back({scopes_.size(), false});
    } else if (rest.starts_with("el") && !branches_.empty()) {
      if (scopes_.size() != branches_.back().depth && !branches_.back().skip) {
        branches_.back().skip = true;
        ++skipped_branches_;
      }
    } else if (rest.starts_with("endif") && !branches_.empty()) {
      if (branches_.back().skip) --skipped_branches_;
      branches_.pop_back();
    }
    comment_end_ = 0;
    return end;
  }

  bool skipping() const { return skipped_branches_ > 0; }

  void on_word(std::size_t start, std::size_t end) {
    if (wants_name_ && unnamed_ >= 0) {
      headings_[static_cast<std::size_t>(unnamed_)].text =
          "type " + std::string(text_.substr(start, end - start));
      unnamed_ = -1;
    }
    wants_name_ = false;
    add({start, end, true});
  }

  void add(CodeToken token) {
    if (in_body()) return;
    if (header_.empty()) {
      header_start_ = line_has_code_ ? token.start : line_begin_;
      if (comment_end_ != 0 && newlines(comment_end_, token.start) <= 1) {
        header_start_ = std::min(header_start_, comment_start_);
      }
      left_edge_ = token.start == line_begin_;
    }
    if (header_.size() < most_tokens) header_.push_back(token);
  }

  bool in_body() const {
    return !scopes_.empty() && scopes_.back().kind == Definition::Scope::body;
  }

  void forget_header() {
    header_.clear();
    brackets_ = 0;
    comment_end_ = 0;
  }

  void on_mark(std::size_t at) {
    const char c = text_[at];
    if (c == '{') {
      if (!skipping()) open();
    } else if (c == '}') {
      if (!skipping()) close_at(at);
    } else if (c == ';') {
      if (brackets_ <= 0) forget_header();
      wants_name_ = false;
    } else if ((c == ',' && brackets_ <= 0 && syntax_.patterns && in_object()) ||
               (c == ':' && is_label())) {
      forget_header();
    } else {
      if (c == '(' || c == '[') ++brackets_;
      if (c == ')' || c == ']') --brackets_;
      if (c != '*') wants_name_ = false;
      add({at, at + 1, false});
    }
  }

  /// "public:" of C++ begins a new statement.
  bool is_label() const {
    if (header_.size() != 1 || !syntax_.directives) return false;
    const std::string_view word = text_.substr(header_[0].start, header_[0].end - header_[0].start);
    return word == "public" || word == "private" || word == "protected" || word == "signals";
  }

  /// Commas part the members of an object of JavaScript.
  bool in_object() const { return !scopes_.empty() && scopes_.back().class_like; }

  void open() {
    Scope scope;
    if (!scopes_.empty()) scope.level = scopes_.back().level;
    if (!in_body()) {
      const bool in_class = !scopes_.empty() && scopes_.back().in_class;
      Definition definition;
      if (header_.size() < most_tokens) {
        definition = read_header(text_, header_, syntax_, in_class);
      }
      scope.kind = definition.scope;
      scope.left_edge = left_edge_ && !header_.empty();
      const bool anonymous = definition.kind.empty() &&
                             definition.scope == Definition::Scope::transparent &&
                             !header_.empty() && text_.substr(header_[0].start, 7) == "typedef";
      if ((!definition.kind.empty() || anonymous) && headings_.size() < most_headings) {
        ++scope.level;
        if (static_cast<std::size_t>(scope.level) <= most_levels) {
          scope.heading = static_cast<std::ptrdiff_t>(headings_.size());
          scope.may_be_named = anonymous;
          Heading heading;
          heading.byte_start = header_start_;
          heading.level = scope.level;
          if (!anonymous) heading.text = std::string(definition.kind) + " " + definition.name;
          headings_.push_back(std::move(heading));
        }
        scope.class_like = definition.scope == Definition::Scope::container &&
                           definition.kind != "namespace" && definition.kind != "module" &&
                           definition.kind != "mod" && definition.kind != "package";
      }
      scope.in_class = scope.kind == Definition::Scope::transparent ? in_class : scope.class_like;
    }
    left_edges_ += scope.left_edge ? 1 : 0;
    scopes_.push_back(scope);
    forget_header();
  }

  void close_at(std::size_t at) {
    constexpr std::size_t longest_tail = 200;  // of its line, that belongs to it: "} name;"
    const std::size_t newline = text_.substr(at, longest_tail).find('\n');
    const std::size_t end = newline == std::string_view::npos ? at + 1 : at + newline + 1;
    // A brace at the left edge closes what began there, whatever was left open inside: macros may.
    if (at == line_begin_ && left_edges_ > 0) {
      while (!scopes_.back().left_edge) close(end);
    }
    if (!scopes_.empty()) close(end);
  }

  void close(std::size_t end) {
    const Scope scope = scopes_.back();
    scopes_.pop_back();
    left_edges_ -= scope.left_edge ? 1 : 0;
    if (scope.heading >= 0) headings_[static_cast<std::size_t>(scope.heading)].byte_end = end;
    forget_header();
    wants_name_ = scope.may_be_named;
    unnamed_ = scope.may_be_named ? scope.heading : -1;
  }

  struct Branch {
    std::size_t depth = 0;  // of scopes, where it began
    bool skip = false;
  };
  static constexpr std::size_t most_headings = 200'000;

  const std::string_view text_;
  const CodeSyntax& syntax_;
  const std::vector<CodeSpan>& spans_;
  std::vector<Heading> headings_;
  std::vector<Scope> scopes_;
  std::size_t left_edges_ = 0;  // of the open scopes: those with a left edge
  std::vector<Branch> branches_;
  std::size_t skipped_branches_ = 0;  // of the open ones
  std::vector<CodeToken> header_;
  std::size_t line_begin_ = 0;
  bool line_has_code_ = false;
  std::size_t header_start_ = 0;
  bool left_edge_ = false;
  int brackets_ = 0;  // open in the header
  std::size_t comment_start_ = 0;
  std::size_t comment_end_ = 0;  // 0: none before the header
  std::ptrdiff_t unnamed_ = -1;  // the heading of a type whose name comes behind it
  bool wants_name_ = false;
};

}  // namespace

std::vector<Heading> outline_braces(std::string_view text, const CodeSyntax& syntax,
                                    const std::vector<CodeSpan>& spans) {
  return BraceOutliner(text, syntax, spans).run();
}

}  // namespace callslip
