#include "tools/text_block.h"

#include <algorithm>

#include "index/text/sentences.h"
#include "index/text/utf8_steps.h"

namespace callslip {
namespace {

constexpr std::size_t kMaxHeadingBytes = 80;

std::string clip(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  while (max_bytes > 0 && (static_cast<unsigned char>(text[max_bytes]) & 0xC0) == 0x80) --max_bytes;
  return std::string(text.substr(0, max_bytes)) + "…";
}

}  // namespace

std::string on_its_line(std::string_view name) {
  constexpr std::size_t longest = 160;
  std::string line;
  if (name.size() > longest) {
    std::size_t start = name.size() - longest;
    while (start < name.size() && utf8::is_continuation(name[start])) ++start;
    name = name.substr(start);
    line = "…";
  }
  for (std::size_t pos = 0; pos < name.size();) {
    const utf8::CodePoint c = utf8::at(name, pos);
    const bool breaks = c.value < 0x20 || c.value == 0x7F || c.value == 0x85 || c.value == 0x2028 ||
                        c.value == 0x2029;
    line.append(breaks ? " " : name.substr(pos, c.length));
    pos += c.length;
  }
  return line;
}

bool TextBlock::add(std::string_view part) { return add(part, counter_.count(part)); }

bool TextBlock::add(std::string_view part, std::size_t tokens) {
  if (counter_.exact()) ++tokens;
  if (tokens > left()) return false;
  text_.append(part);
  used_ += tokens;
  return true;
}

void TextBlock::rewind(Mark mark) {
  text_.resize(mark.bytes);
  used_ = mark.used;
}

std::string quantity(std::uint64_t count, std::string_view noun) {
  return std::to_string(count).append(" ").append(noun) + (count == 1 ? "" : "s");
}

void add_notes(TextBlock& block, const std::vector<std::string>& notes, bool tight) {
  constexpr std::size_t least_for_rest = 42;  // a chunk's id, a few of its words, a cursor
  if (notes.empty()) return;
  std::string line = "Note: ";
  for (const std::string& note : notes) line += (line.size() > 6 ? "; " : "") + note;
  line += ".\n";
  const std::size_t tokens = block.count(line);
  if (!tight || tokens + least_for_rest <= block.left()) block.add(line, tokens);
}

std::string part_mark(const PartLocation& part) {
  const std::string text = part_text(part);
  return text.empty() ? "" : ", " + on_its_line(clip(text, kMaxHeadingBytes));
}

std::string chunk_header(const FoundChunk& chunk, std::size_t number, std::size_t max_tokens,
                         const TokenCounter& counter) {
  const std::string lead = "[" + std::to_string(number) + "] ";
  const std::string tail = " | " + chunk.chunk_id + (chunk.truncated ? " (cut)\n" : "\n");
  const std::string place =
      on_its_line(chunk.document) + ":" + std::to_string(chunk.location.line_start) + "-" +
      std::to_string(chunk.location.line_end) + part_mark(chunk.location.part);
  std::string path;
  if (!chunk.title.empty()) path = on_its_line(clip(chunk.title, kMaxHeadingBytes));
  for (const std::string& heading : chunk.headings) {
    if (heading == chunk.title) continue;
    path += (path.empty() ? "" : " > ") + on_its_line(clip(heading, kMaxHeadingBytes));
  }
  if (!path.empty()) path.insert(0, " | ");
  for (const std::string& header : {lead + place + path + tail, lead + place + tail}) {
    if (counter.count(header) <= max_tokens) return header;
  }
  return chunk.chunk_id + "\n";
}

std::string_view cut_to_tokens(std::string_view text, TextKind kind, std::size_t max_tokens,
                               const TokenCounter& counter) {
  if (max_tokens == 0) return {};
  // A token is seldom above 8 bytes; halve the excess until the count agrees.
  std::size_t bytes = std::min(text.size(), max_tokens * 8);
  while (bytes > 0) {
    const std::string_view cut = text.substr(0, cut_at_sentence(text, kind, bytes));
    const std::size_t tokens = counter.count(cut);
    if (tokens <= max_tokens) return cut;
    const std::size_t scaled = cut.size() * max_tokens / tokens;
    bytes = std::min(scaled, cut.size() - 1);
  }
  return {};
}

}  // namespace callslip
