#include "index/code/code_detection.h"

#include <algorithm>

#include "index/formats/text_document.h"

namespace callslip {
namespace {

constexpr std::size_t npos = std::string_view::npos;

bool begins_with_word(std::string_view line, std::string_view word) {
  return line.starts_with(word) && line.size() > word.size() &&
         (line[word.size()] == ' ' || line[word.size()] == '(');
}

/// The first line that is neither blank, nor comment, nor annotation.
std::string_view first_line(std::string_view text) {
  LineScanner lines(text);
  bool in_comment = false;
  for (TextLine line; lines.next(line);) {
    const std::string_view content = trimmed(line.text);
    if (in_comment) {
      in_comment = content.find("*/") == npos;
      continue;
    }
    if (content.empty() || content.front() == '@' || content.front() == '#' ||
        content.starts_with("//") || content.front() == '*') {
      continue;
    }
    if (content.starts_with("/*")) {
      in_comment = content.find("*/") == npos;
      continue;
    }
    return content;
  }
  return {};
}

/// The share of lines that end or begin as lines of code do.
bool looks_like_braces(std::string_view text) {
  std::size_t lines = 0;
  std::size_t like_code = 0;
  LineScanner scanner(text);
  for (TextLine line; scanner.next(line);) {
    const std::string_view content = trimmed(line.text);
    if (content.empty()) continue;
    ++lines;
    const char last = content.back();
    if (last == ';' || last == '{' || last == '}' || last == ',' || last == ')' ||
        content.starts_with("//") || content.starts_with("*") || content.starts_with("/*")) {
      ++like_code;
    }
  }
  return like_code * 10 >= lines * 6;
}

}  // namespace

std::string_view code_type_of(std::string_view text) {
  const std::string_view line = first_line(text);
  if (line.empty()) return {};
  const std::size_t paren = line.find('(');
  const bool indented =
      text.find("\n    ") != npos || text.find("\n\t") != npos || text.find("\n  ") != npos;
  if (begins_with_word(line, "def") || begins_with_word(line, "class") ||
      line.starts_with("async def ")) {
    const std::string_view whole = trimmed(text);
    if (whole.ends_with("end") && text.find('{') >= text.find('\n')) return "ruby";
    const std::size_t colon = text.find(':');
    if (colon != npos && indented && (paren != npos || line.back() == ':')) return "python";
    if (line.starts_with("def ") && line.back() == ':') return "python";
    // All on one line: "def f(x): return x".
    if (line.starts_with("def ") && paren != npos && line.find("):") != npos) return "python";
  }
  const std::size_t brace = text.find('{');
  const std::string_view whole = trimmed(text);
  if (brace == npos || paren == npos || whole.empty() ||
      (whole.back() != '}' && whole.back() != ';' && whole.back() != ')') ||
      !looks_like_braces(text)) {
    return {};
  }
  if (begins_with_word(line, "func")) return "go";
  if (line.starts_with("fn ") || line.starts_with("pub fn ")) return "rust";
  if (text.find("function") < brace && text.find('$') != npos && text.find("->") != npos) {
    return "php";
  }
  if (begins_with_word(line, "function") || line.starts_with("async function") ||
      line.find("=> {") != npos || line.starts_with("const ") || line.starts_with("var ")) {
    return "javascript";
  }
  for (const std::string_view word : {"public", "private", "protected"}) {
    if (begins_with_word(line, word)) return text.find("function") < brace ? "php" : "java";
  }
  if (line.find("::") != npos || line.starts_with("template")) return "cpp";
  // "static int f(int x)": a type, a name and a bracket.
  const std::size_t space = line.substr(0, paren).find_last_of(" *&");
  return space != npos && space > 0 ? "c" : std::string_view();
}

}  // namespace callslip
