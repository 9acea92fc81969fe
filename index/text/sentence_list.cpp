#include "index/text/sentence_list.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "index/text/sentences.h"
#include "index/text/utf8_steps.h"

namespace callslip {
namespace {

/// A rough count of tokens, byte by byte, on the high side: checked against o200k_base and Qwen2.5
/// on English, Russian and Chinese prose, code, numbers and base64.
class TokenWeight {
 public:
  static constexpr int one = 100;

  void add(unsigned char byte) {
    const std::uint8_t kind = kinds[byte];
    if (kind <= upper) {
      // A word is one token up to 7 letters, then one more for each 4; random letters cost more.
      if (letters_ == 0 || (letters_ >= 7 && letters_ % 4 == 3)) weight_ += one;
      const bool capitalised = letters_ == 1 && last_ == upper;
      if (letters_ > 0 && kind != last_ && !capitalised) weight_ += one;
      ++letters_;
    } else {
      letters_ = 0;
      weight_ += weights[kind];
      // Qwen2.5 counts each digit, and the space before it.
      if (kind == digit && last_ == space) weight_ += one;
    }
    last_ = kind;
  }

  int weight() const { return weight_; }

 private:
  enum Kind : std::uint8_t { lower, upper, digit, mark, space, lead_of_two, lead, other };
  static constexpr std::array<int, 8> weights = {0, 0, one, one, 0, 52, 120, 0};

  static constexpr std::array<std::uint8_t, 256> kinds = [] {
    std::array<std::uint8_t, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte) {
      const auto between = [byte](unsigned first, unsigned last) {
        return byte >= first && byte <= last;
      };
      table[byte] = between('a', 'z')                   ? lower
                    : between('A', 'Z')                 ? upper
                    : between('0', '9')                 ? digit
                    : between('!', '~') || byte == '\n' ? mark
                    : byte == ' '                       ? space
                    : between(0xC0, 0xDF)               ? lead_of_two
                    : between(0xE0, 0xFF)               ? lead
                                                        : other;
    }
    return table;
  }();

  int weight_ = 0;
  int letters_ = 0;  // of the word at hand
  std::uint8_t last_ = other;
};

/// How far from `start` a sentence may reach at most.
std::size_t longest_end(std::string_view text, std::size_t start, std::size_t end) {
  // Below 200, so that a counter which errs on the high side finds no more than 200 either.
  constexpr std::size_t most_tokens = 170;
  if (end - start <= most_tokens) return end;  // no token is shorter than a byte
  const std::size_t limit = std::min(end, start + max_sentence_bytes);
  TokenWeight weight;
  std::size_t pos = start;
  while (pos < limit && weight.weight() <= static_cast<int>(most_tokens) * TokenWeight::one) {
    weight.add(static_cast<unsigned char>(text[pos++]));
  }
  return pos >= end ? end : utf8::floor(text, pos);
}

/// Where to cut [start, limit), which is too long, so that a quarter of it at least stays.
std::size_t best_cut(std::string_view text, std::size_t start, std::size_t limit) {
  const std::size_t least = start + (limit - start) / 4;
  std::size_t space = 0;
  for (std::size_t pos = limit; pos > least;) {
    const utf8::CodePoint c = utf8::before(text, least, pos);
    const bool mark = c.value == ',' || c.value == ';' || c.value == ':';
    const bool wide =
        c.value == 0xFF0C || c.value == 0x3001 || c.value == 0xFF1A || c.value == 0x060C;
    if (wide || (mark && utf8::space_at(text, pos) > 0)) return pos;
    if (space == 0 && utf8::is_space(c.value)) space = pos;
    pos -= c.length;
  }
  return space > 0 ? space : limit;
}

}  // namespace

SentenceList::SentenceList(std::string_view text) : text_(text) {
  constexpr std::size_t usual_length = 96;
  spans_.reserve(text.size() / usual_length + 4);
}

void SentenceList::add(ByteSpan span) {
  span = utf8::trimmed(text_, span);
  while (span.start < span.end) {
    const std::size_t limit = longest_end(text_, span.start, span.end);
    const std::size_t cut = limit < span.end ? best_cut(text_, span.start, limit) : span.end;
    const ByteSpan piece = utf8::trimmed(text_, {span.start, cut});
    if (piece.start < piece.end) spans_.push_back(piece);
    span.start = utf8::skip_space(text_, cut, span.end);
  }
}

}  // namespace callslip
