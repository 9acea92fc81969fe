#include "index/formats/block_writer.h"

#include <algorithm>
#include <utility>

#include "index/formats/text_document.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr std::size_t max_text = std::size_t{256} << 20;

bool is_dropped(char32_t c) {
  return c == 0xAD || c == 0x200B || c == 0xFEFF || c == 0x7F || (c >= 0x80 && c < 0xA0);
}

void trim_end(std::string& text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
}

/// Whether there is nothing to clean but white space at the end: by far the commonest case.
bool is_clean(std::string_view raw, bool one_line) {
  char before = one_line ? ' ' : 'x';
  for (const char c : raw) {
    const bool plain = c > ' ' && c < 0x7F;
    const bool kept = c == ' ' ? !one_line || before != ' ' : c == '\t' && !one_line;
    if (!plain && !kept) return false;
    before = c;
  }
  return true;
}

std::string clean(std::string_view raw, bool one_line) {
  if (is_clean(raw, one_line)) {
    const std::size_t last = raw.find_last_not_of(" \t");
    return std::string(raw.substr(0, last == raw.npos ? 0 : last + 1));
  }
  const std::string text = make_valid_utf8(std::string(raw)).text;
  std::string out;
  out.reserve(text.size());
  for (std::size_t pos = 0; pos < text.size();) {
    const char c = text[pos];
    if (c == '\n' || c == '\r' || c == '\v' || c == '\f') {
      ++pos;
      if (c == '\r' && pos < text.size() && text[pos] == '\n') continue;
      trim_end(out);
      if (!one_line) {
        out += '\n';
      } else if (!out.empty()) {
        out += ' ';
      }
    } else if (c == ' ' || (c == '\t' && one_line)) {
      ++pos;
      if (!one_line || (!out.empty() && out.back() != ' ')) out += ' ';
    } else if (static_cast<unsigned char>(c) < 0x80) {
      ++pos;
      if (static_cast<unsigned char>(c) >= 0x20 || c == '\t') out += c;
    } else {
      const CodePoint point = decode_utf8(text, pos);
      if (point.value == 0xA0) {
        if (!one_line || (!out.empty() && out.back() != ' ')) out += ' ';
      } else if (point.value == 0x2028 || point.value == 0x2029) {
        out += one_line ? ' ' : '\n';
      } else if (!is_dropped(point.value)) {
        out.append(text, pos, point.length);
      }
      pos += point.length;
    }
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '\t' || out.back() == '\n')) {
    out.pop_back();
  }
  return out;
}

}  // namespace

std::string clean_block(std::string_view text) {
  std::string out = clean(text, false);
  // Leading blank lines go, and the first line's indentation with them.
  const std::size_t first = out.find_first_not_of(" \t\n");
  out.erase(0, first == out.npos ? out.size() : first);
  return out;
}

std::string clean_line(std::string_view text) {
  std::string out = clean(text, true);
  out.erase(0, std::min(out.find_first_not_of(' '), out.size()));
  return out;
}

bool BlockWriter::begin(Block block) {
  if (full_ || text_.size() > max_text) {
    full_ = true;
    return false;
  }
  if (!text_.empty()) {
    const bool together = block == last_ && block != Block::paragraph;
    text_ += together ? "\n" : "\n\n";
  }
  for (Part& part : next_part_) {
    part.byte_start = text_.size();
    parts_.push_back(std::move(part));
  }
  for (Heading& heading : awaiting_) {
    heading.byte_start = text_.size();
    headings_.push_back(std::move(heading));
  }
  next_part_.clear();
  awaiting_.clear();
  last_ = block;
  return true;
}

void BlockWriter::paragraph(std::string_view text) {
  const std::string block = clean_block(text);
  if (!block.empty() && begin(Block::paragraph)) text_ += block;
}

void BlockWriter::heading(int level, std::string_view text) {
  const std::string line = clean_line(text);
  if (line.empty() || !begin(Block::paragraph)) return;
  headings_.push_back({text_.size(), level, clean_heading(line)});
  text_ += line;
}

void BlockWriter::context(int level, std::string_view text) {
  std::string line = clean_heading(clean_line(text));
  // What it would have covered was empty.
  while (!awaiting_.empty() && awaiting_.back().level >= level) awaiting_.pop_back();
  if (!line.empty()) awaiting_.push_back({0, level, std::move(line)});
}

void BlockWriter::item(std::size_t depth, std::string_view marker, std::string_view text) {
  const std::string block = clean_block(text);
  if (block.empty() || !begin(Block::item)) return;
  const std::string indent(2 * std::min<std::size_t>(depth, 8), ' ');
  text_ += indent;
  text_ += marker;
  if (!marker.empty()) text_ += ' ';
  for (const char c : block) {
    text_ += c;
    if (c == '\n') text_ += indent + "  ";
  }
}

void BlockWriter::line(std::string_view text) {
  std::string row = clean(text, false);
  std::replace(row.begin(), row.end(), '\n', ' ');
  if (trimmed(row).empty() || !begin(Block::line)) return;
  text_ += row;
}

void BlockWriter::verbatim(std::string_view text) {
  if (trimmed(text).empty() || !begin(Block::paragraph)) return;
  std::string valid = make_valid_utf8(std::string(text)).text;
  std::replace(valid.begin(), valid.end(), '\0', ' ');
  while (!valid.empty() && (valid.back() == '\n' || valid.back() == '\r')) valid.pop_back();
  text_ += valid;
}

void BlockWriter::table(const MarkdownTable& table) {
  const std::string markdown = table.markdown();
  if (markdown.empty() || !begin(Block::paragraph)) return;
  text_ += markdown;
}

void BlockWriter::part(PartKind kind, std::uint32_t number, std::string_view name) {
  awaiting_.clear();  // they covered what belongs to the part before
  next_part_.clear();
  next_part_.push_back({0, kind, number, clean_line(name)});
  last_ = Block::none;
}

void BlockWriter::append(const ParsedDocument& document, int deeper) {
  if (trimmed(document.text).empty() || !begin(Block::paragraph)) return;
  const std::size_t start = text_.size();
  for (Heading heading : document.headings) {
    heading.byte_start += start;
    heading.level += deeper;
    if (!headings_.empty() && headings_.back().byte_start >= heading.byte_start) continue;
    headings_.push_back(std::move(heading));
  }
  for (Part part : document.parts) {
    part.byte_start += start;
    parts_.push_back(std::move(part));
  }
  text_ += document.text;
  while (text_.size() > start && text_.back() == '\n') text_.pop_back();
}

std::string BlockWriter::top_heading() const {
  const auto top =
      std::min_element(headings_.begin(), headings_.end(),
                       [](const Heading& a, const Heading& b) { return a.level < b.level; });
  return top == headings_.end() ? std::string() : top->text;
}

Result<ParsedDocument> BlockWriter::finish(std::string_view type, std::string_view title) {
  if (full_) return Error{ErrorKind::unsupported, "text of more than 256 MiB"};
  ParsedDocument document;
  if (!text_.empty()) text_ += '\n';
  document.text = std::exchange(text_, {});
  document.headings = std::exchange(headings_, {});
  document.parts = std::exchange(parts_, {});
  document.type = type;
  document.extracted = true;
  document.title = clean_heading(clean_line(title));
  *this = BlockWriter();
  return document;
}

std::string written_apart(BlockWriter*& out, const std::function<void()>& write) {
  BlockWriter inner;
  BlockWriter* const outer = std::exchange(out, &inner);
  write();
  out = outer;
  const Result<ParsedDocument> document = inner.finish("", "");
  return document ? clean_block(document->text) : std::string();
}

}  // namespace callslip
