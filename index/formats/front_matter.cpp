#include "index/formats/front_matter.h"

#include "index/formats/text_document.h"

namespace callslip {
namespace {

/// A scalar without its quotes or its trailing comment.
std::string unquoted(std::string_view value) {
  value = trimmed(value);
  if (value.starts_with('"') || value.starts_with('\'')) {
    const char quote = value[0];
    std::string text;
    for (std::size_t i = 1; i < value.size(); ++i) {
      const bool escaped = (quote == '"' && value[i] == '\\') ||
                           (quote == '\'' && value.substr(i).starts_with("''"));
      if (escaped && i + 1 < value.size()) {
        text += value[++i];
      } else if (value[i] == quote) {
        return text;
      } else {
        text += value[i];
      }
    }
    return std::string(value);  // the quote never closes: it is part of the text
  }
  return std::string(trimmed(value.substr(0, value.find(" #"))));
}

/// What follows "title:" or "title =" at the beginning of a line.
bool is_title(std::string_view line, char separator, std::string_view& value) {
  if (ascii_lower(line.substr(0, 5)) != "title") return false;
  const std::string_view rest = trimmed(line.substr(5));
  if (!rest.starts_with(separator)) return false;
  value = trimmed(rest.substr(1));
  return true;
}

}  // namespace

FrontMatter read_front_matter(std::string_view text) {
  LineScanner lines(text);
  TextLine line;
  if (!lines.next(line)) return {};
  const std::string_view fence = trimmed(line.text);
  if ((fence != "---" && fence != "+++") || line.text[0] != fence[0]) return {};
  const char separator = fence == "---" ? ':' : '=';
  FrontMatter front;
  bool has_key = false;
  bool folded = false;  // "title: >", and the title is in the indented lines below
  while (lines.next(line)) {
    const std::string_view content = trimmed(line.text);
    if (content == fence || (separator == ':' && content == "...")) {
      if (!has_key) return {};
      front.end = lines.next(line) ? line.start : text.size();
      return front;
    }
    const bool indented = !line.text.empty() && (line.text[0] == ' ' || line.text[0] == '\t');
    // "---" may also be a rule over ordinary text: front matter begins with a key or a comment.
    if (!has_key && !content.empty() && !content.starts_with('#')) {
      if (indented || content.find(separator) == content.npos) return {};
      has_key = true;
    }
    std::string_view value;
    if (folded && indented) {
      front.title += front.title.empty() ? "" : " ";
      front.title += content;
    } else if (!indented && front.title.empty() && is_title(line.text, separator, value)) {
      folded = value.starts_with('>') || value.starts_with('|');
      if (!folded) front.title = unquoted(value);
    } else {
      folded = folded && content.empty();
    }
    if (line.start > 65536) break;  // front matter is short
  }
  return {};
}

}  // namespace callslip
