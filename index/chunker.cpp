#include "index/chunker.h"

#include <algorithm>
#include <limits>

#include "index/text/sentences.h"

namespace callslip {
namespace {

/// How good a place the border before a piece is to cut at.
enum class Border : std::uint8_t {
  inside_word,
  word,
  nested_line,
  line,
  sentence,
  blank,
  block,
  heading
};

struct Piece {
  std::size_t start = 0;
  std::size_t tokens = 0;
  Border border = Border::line;
};

constexpr std::size_t kWordPieceBytes = 64;  // at most 64 tokens, the smallest chunk size

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The document as pieces that tile it.
class PieceCutter {
 public:
  PieceCutter(const ParsedDocument& document, const TokenCounter& counter, std::size_t max_tokens)
      : text_(document.text), document_(document), counter_(counter), max_tokens_(max_tokens) {}

  std::vector<Piece> cut() {
    if (document_.kind == TextKind::code) {
      cut_code();
    } else {
      cut_prose();
    }
    return std::move(pieces_);
  }

 private:
  std::size_t line_end(std::size_t start) const {
    const std::size_t newline = text_.find('\n', start);
    return newline == std::string_view::npos ? text_.size() : newline + 1;
  }

  void cut_prose() {
    std::size_t next_heading = 0;
    const auto& headings = document_.headings;
    Border border = Border::blank;
    for (std::size_t start = 0; start < text_.size();) {
      while (next_heading < headings.size() && headings[next_heading].byte_start <= start) {
        if (headings[next_heading].byte_start == start) border = Border::heading;
        ++next_heading;
      }
      const std::size_t limit =
          next_heading < headings.size() ? headings[next_heading].byte_start : text_.size();
      const std::size_t end = paragraph_end(start, limit);
      add_paragraph(start, end, border);
      border = Border::blank;
      start = end;
    }
  }

  /// Behind the blank lines that follow the paragraph; never beyond `limit`.
  std::size_t paragraph_end(std::size_t start, std::size_t limit) const {
    bool has_text = false;
    bool ended = false;
    for (std::size_t at = start; at < limit;) {
      const std::size_t end = std::min(line_end(at), limit);
      const bool blank = is_blank(text_.substr(at, end - at));
      if (!blank && ended) return at;
      has_text = has_text || !blank;
      ended = has_text && blank;
      at = end;
    }
    return limit;
  }

  void add_paragraph(std::size_t start, std::size_t end, Border border) {
    const std::string_view paragraph = text_.substr(start, end - start);
    const std::size_t tokens =
        paragraph.size() <= max_tokens_ * 16 ? counter_.count(paragraph) : max_tokens_ + 1;
    if (tokens <= max_tokens_ / 4) {
      pieces_.push_back({start, tokens, border});
      return;
    }
    const auto sentences = split_sentences(paragraph, TextKind::prose);
    for (std::size_t i = 0; i < sentences.size() || i == 0; ++i) {
      const std::size_t from = i == 0 ? start : start + sentences[i].start;
      const std::size_t to = i + 1 < sentences.size() ? start + sentences[i + 1].start : end;
      add_piece(from, to, i == 0 ? border : Border::sentence);
    }
  }

  void cut_code() {
    bool after_blank = false;
    std::size_t next_heading = 0;
    const auto& headings = document_.headings;
    for (std::size_t start = 0; start < text_.size();) {
      const std::size_t end = line_end(start);
      const std::string_view line = text_.substr(start, end - start);
      const bool blank = is_blank(line);
      Border border = code_border(line, blank, after_blank);
      while (next_heading < headings.size() && headings[next_heading].byte_start < end) {
        border = Border::heading;
        ++next_heading;
      }
      add_piece(start, end, border);
      after_blank = blank;
      start = end;
    }
  }

  static Border code_border(std::string_view line, bool blank, bool after_blank) {
    if (blank) return Border::nested_line;  // a blank line stays with what is above it
    const bool top_level = std::string_view(" \t})]").find(line.front()) == std::string_view::npos;
    if (after_blank) return top_level ? Border::block : Border::blank;
    return top_level ? Border::line : Border::nested_line;
  }

  void add_piece(std::size_t start, std::size_t end, Border border) {
    const std::string_view piece = text_.substr(start, end - start);
    const std::size_t tokens =
        piece.size() <= max_tokens_ * 16 ? counter_.count(piece) : max_tokens_ + 1;
    if (tokens <= max_tokens_) {
      pieces_.push_back({start, tokens, border});
      return;
    }
    while (start < end) {
      std::size_t to = std::min(start + kWordPieceBytes, end);
      Border next = Border::word;
      if (to < end) {
        const std::size_t space = text_.substr(start, to - start).find_last_of(" \t\n");
        if (space != std::string_view::npos && space > kWordPieceBytes / 4) {
          to = start + space + 1;
        } else {
          next = Border::inside_word;
          while (to > start + 1 && is_continuation(text_[to])) --to;
        }
      }
      pieces_.push_back({start, counter_.count(text_.substr(start, to - start)), border});
      border = next;
      start = to;
    }
  }

  const std::string_view text_;
  const ParsedDocument& document_;
  const TokenCounter& counter_;
  const std::size_t max_tokens_;
  std::vector<Piece> pieces_;
};

/// The piece at which the chunk that begins at `first` ends; it is not part of the chunk.
std::size_t chunk_end(const std::vector<Piece>& pieces, std::size_t first, std::size_t max_tokens) {
  std::size_t end = first;
  std::size_t sum = 0;
  for (; end < pieces.size() && (end == first || sum + pieces[end].tokens <= max_tokens); ++end) {
    if (end > first && pieces[end].border == Border::heading && sum >= max_tokens / 4) return end;
    sum += pieces[end].tokens;
  }
  if (end == pieces.size()) return end;
  std::size_t best = end;
  for (std::size_t i = end; i > first + 1 && sum > max_tokens / 2; --i) {
    if (pieces[i].border > pieces[best].border) best = i;
    sum -= pieces[i - 1].tokens;
  }
  return best;
}

/// The heading at `last` or the one around it that has not ended before `position`; -1: none.
std::ptrdiff_t covering(const std::vector<Heading>& headings, std::ptrdiff_t last,
                        std::size_t position) {
  int level = std::numeric_limits<int>::max();
  for (; last >= 0; --last) {
    const Heading& heading = headings[static_cast<std::size_t>(last)];
    if (heading.level >= level) continue;  // what it covers ended when the one below it began
    level = heading.level;
    if (heading.byte_end == 0 || heading.byte_end > position) return last;
    if (level <= 1) return -1;
  }
  return last;
}

}  // namespace

std::vector<Chunk> Chunker::cut(const ParsedDocument& document) const {
  const std::string_view text = document.text;
  const std::vector<Piece> pieces = PieceCutter(document, counter_, max_tokens_).cut();
  const auto start_of = [&](std::size_t piece) {
    return piece < pieces.size() ? pieces[piece].start : text.size();
  };
  std::vector<Chunk> chunks;
  std::size_t line = 1;
  std::ptrdiff_t heading = -1;
  for (std::size_t first = 0; first < pieces.size();) {
    std::size_t end = chunk_end(pieces, first, max_tokens_);
    Chunk chunk;
    chunk.byte_start = start_of(first);
    for (;; --end) {
      chunk.byte_end = start_of(end);
      chunk.tokens =
          counter_.count(text.substr(chunk.byte_start, chunk.byte_end - chunk.byte_start));
      // An exact tokenizer may count a whole higher than the sum of its parts.
      if (chunk.tokens <= max_tokens_ || end == first + 1) break;
    }
    const auto newlines = static_cast<std::size_t>(
        std::count(text.begin() + static_cast<std::ptrdiff_t>(chunk.byte_start),
                   text.begin() + static_cast<std::ptrdiff_t>(chunk.byte_end), '\n'));
    chunk.line_start = line;
    line += newlines;
    chunk.line_end = text[chunk.byte_end - 1] == '\n' ? line - 1 : line;
    while (heading + 1 < static_cast<std::ptrdiff_t>(document.headings.size()) &&
           document.headings[static_cast<std::size_t>(heading + 1)].byte_start <=
               chunk.byte_start) {
      ++heading;
    }
    chunk.heading = covering(document.headings, heading, chunk.byte_start);
    chunks.push_back(chunk);
    first = end;
  }
  return chunks;
}

}  // namespace callslip
