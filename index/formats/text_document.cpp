#include "index/formats/text_document.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "index/text/encoding.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::size_t max_heading_bytes = 200;
constexpr std::string_view bom = "\xEF\xBB\xBF";

}  // namespace

Result<ParsedDocument> make_text_document(std::string bytes, std::string_view type, TextKind kind,
                                          std::string_view declared_encoding) {
  Result<DecodedText> decoded = decode_text(std::move(bytes), declared_encoding);
  if (!decoded) return decoded.error();
  ParsedDocument document;
  document.text = std::move(decoded->text);
  document.type = type;
  document.kind = kind;
  document.extracted = decoded->converted;
  document.lossy = decoded->lossy;
  return document;
}

std::string clean_heading(std::string_view text) {
  std::string clean;
  bool space = false;
  for (std::size_t i = 0; i < text.size() && clean.size() <= max_heading_bytes; ++i) {
    const bool no_break_space = text.substr(i).starts_with("\xC2\xA0");
    if (no_break_space) ++i;
    const auto byte = static_cast<unsigned char>(text[i]);
    if (no_break_space || byte <= 0x20 || byte == 0x7F) {
      space = true;
      continue;
    }
    if (space && !clean.empty()) clean += ' ';
    space = false;
    clean += text[i];
  }
  if (clean.size() > max_heading_bytes) clean.resize(utf8_floor(clean, max_heading_bytes));
  if (clean.ends_with(' ')) clean.pop_back();
  return clean;
}

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

std::string file_extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == name.npos || dot == 0) return {};
  return ascii_lower(name.substr(dot + 1));
}

bool LineScanner::next(TextLine& line) {
  if (pos_ >= text_.size()) return false;
  line.start = pos_;
  const void* found = std::memchr(text_.data() + pos_, '\n', text_.size() - pos_);
  if (found == nullptr) {
    line.end = pos_ = text_.size();
  } else {
    line.end = static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
    pos_ = line.end + 1;
    if (line.end > line.start && text_[line.end - 1] == '\r') --line.end;
  }
  line.text = text_.substr(line.start, line.end - line.start);
  if (line.start == 0 && line.text.starts_with(bom)) line.text.remove_prefix(bom.size());
  return true;
}

std::size_t leading(std::string_view text, char c) {
  return std::min(text.find_first_not_of(c), text.size());
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return text.substr(0, 0);  // still a place in the text
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace callslip
