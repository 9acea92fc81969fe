#include "index/text/sentences.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "index/text/abbreviations.h"
#include "index/text/sentence_list.h"
#include "index/text/text_lines.h"
#include "index/text/utf8_steps.h"

namespace callslip {
namespace {

enum class Mark { none, stop, question, ellipsis, wide };

/// Bytes at which a terminator may begin; all others are passed over at once.
constexpr std::array<bool, 256> may_terminate = [] {
  std::array<bool, 256> table{};
  for (const unsigned char byte :
       {0x21, 0x2E, 0x3F, 0xD6, 0xD8, 0xDB, 0xE0, 0xE1, 0xE2, 0xE3, 0xEF}) {
    table[byte] = true;
  }
  return table;
}();

Mark mark_of(char32_t c) {
  switch (c) {
    case '.':
      return Mark::stop;
    case '!':
    case '?':
    case 0x061F:  // Arabic question mark
    case 0x06D4:  // Urdu full stop
    case 0x0964:  // danda
    case 0x0965:
    case 0x0589:  // Armenian full stop
    case 0x1362:  // Ethiopic full stop
    case 0x17D4:  // Khmer full stop
    case 0x104B:  // Myanmar full stop
    case 0x203C:
    case 0x203D:
    case 0x2047:
    case 0x2048:
    case 0x2049:
      return Mark::question;
    case 0x2026:
      return Mark::ellipsis;
    case 0x3002:  // ideographic full stop
    case 0xFF01:
    case 0xFF1F:
    case 0xFF1B:
    case 0xFF0E:
    case 0xFF61:
      return Mark::wide;
    default:
      return Mark::none;
  }
}

bool is_closer(char32_t c) {
  constexpr std::u32string_view closers =
      U"\"')]}*_`\u00BB\u2019\u201D\u203A\u300D\u300F\uFF09\u3011\u300B\u3009\uFF02\uFF3D\uFF63";
  return closers.find(c) != std::u32string_view::npos;
}

bool is_opener(char32_t c) {
  constexpr std::u32string_view openers =
      U"\"'([{*_`\u00AB\u2018\u201C\u201E\u2039\u201A\u300C\u300E\uFF08\u3010\u300A\u00BF\u00A1";
  return openers.find(c) != std::u32string_view::npos;
}

bool is_dash(char32_t c) { return c == '-' || c == 0x2013 || c == 0x2014; }
bool is_lower(char32_t c) {
  return c < 0x80 ? (c >= 'a' && c <= 'z') : u_islower(static_cast<UChar32>(c)) != 0;
}
bool is_upper(char32_t c) {
  return c < 0x80 ? (c >= 'A' && c <= 'Z') : u_isupper(static_cast<UChar32>(c)) != 0;
}
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_word(char32_t c) {
  if (c < 0x80) return std::isalnum(static_cast<int>(c)) != 0;
  return c != 0xFFFD && u_isalnum(static_cast<UChar32>(c)) != 0;
}

/// Splits one paragraph of prose, bytes [start_, end_) of the text.
class Paragraph {
 public:
  Paragraph(std::string_view text, std::size_t start, std::size_t end)
      : text_(text), sentence_(start), end_(end) {}

  template <class Emit>
  void split(const Emit& emit) {
    std::size_t pos = sentence_;
    while (pos < end_) {
      while (pos < end_ && !may_terminate[static_cast<unsigned char>(text_[pos])]) ++pos;
      if (pos >= end_) break;
      const utf8::CodePoint c = utf8::at(text_, pos);
      if (mark_of(c.value) == Mark::none) {
        pos += c.length;
        continue;
      }
      const std::size_t after = read_terminator(pos);
      if (ends_sentence(pos, after)) {
        emit(ByteSpan{sentence_, after});
        sentence_ = after;
      }
      pos = after;  // never looked at again, whatever it was: that keeps the time linear
    }
    if (sentence_ < end_) emit(ByteSpan{sentence_, end_});
  }

 private:
  /// Past the marks, the quotes and brackets that close after them, and footnote numbers.
  std::size_t read_terminator(std::size_t pos) {
    mark_ = Mark::none;
    stops_ = 0;
    closed_ = false;
    while (pos < end_) {
      const utf8::CodePoint c = utf8::at(text_, pos);
      const Mark mark = mark_of(c.value);
      if (mark != Mark::none) {
        if (mark == Mark::stop) ++stops_;
        mark_ = std::max(mark_, mark);
      } else if (is_closer(c.value)) {
        closed_ = true;
      } else {
        break;
      }
      pos += c.length;
    }
    if (mark_ == Mark::stop && stops_ > 1) mark_ = Mark::ellipsis;
    return skip_footnotes(pos);
  }

  /// "[12]", "[^note]" directly after a mark.
  std::size_t skip_footnotes(std::size_t pos) const {
    constexpr std::size_t longest = 8;
    while (pos + 1 < end_ && text_[pos] == '[' &&
           (is_digit(text_[pos + 1]) || text_[pos + 1] == '^')) {
      const std::size_t close = text_.substr(pos, std::min(longest, end_ - pos)).find(']');
      if (close == std::string_view::npos) break;
      pos += close + 1;
    }
    return pos;
  }

  bool ends_sentence(std::size_t mark, std::size_t after) {
    if (after >= end_ || mark_ == Mark::wide) return true;
    const std::size_t next = utf8::skip_space(text_, after, end_);
    if (next == after) {
      // Chinese with ASCII marks: "你好!我是".
      const char32_t c = utf8::at(text_, after).value;
      return mark_ == Mark::question && c >= 0x2E80 && c < 0xFE00;
    }
    if (next >= end_) return true;
    read_next(next);
    // "Why ? ! " and "so. ...": the last of them ends it.
    if (mark_of(next_first_) != Mark::none && !is_word(utf8::at(text_, next_ + 1).value))
      return false;
    const char32_t previous = utf8::before(text_, sentence_, mark).value;
    if (mark_ == Mark::ellipsis) {
      const bool omission = previous == '[' || previous == '(';
      return !omission && !is_lower(next_first_);
    }
    if (mark_ == Mark::question) return !is_lower(next_first_);
    return stop_ends_sentence(mark);
  }

  /// The first letter of what follows, past a dash, quotes and brackets.
  void read_next(std::size_t pos) {
    opened_ = false;
    if (const utf8::CodePoint c = utf8::at(text_, pos); is_dash(c.value)) {
      pos = utf8::skip_space(text_, pos + c.length, end_);
    }
    for (int i = 0; i < 8 && pos < end_; ++i) {
      const utf8::CodePoint c = utf8::at(text_, pos);
      if (!is_opener(c.value)) break;
      opened_ = true;
      pos += c.length;
    }
    next_ = pos;
    next_first_ = pos < end_ ? utf8::at(text_, pos).value : 0;
  }

  std::string_view next_word() const {
    constexpr std::size_t longest = 40;
    std::size_t pos = next_;
    while (pos < end_ && pos - next_ < longest) {
      const utf8::CodePoint c = utf8::at(text_, pos);
      if (!is_word(c.value)) break;
      pos += c.length;
    }
    // "A." is an initial, not an article.
    if (pos - next_ == 1 && pos < end_ && text_[pos] == '.') return {};
    return text_.substr(next_, pos - next_);
  }

  std::string_view word_before(std::size_t dot) const {
    constexpr std::size_t longest = 32;
    std::size_t start = dot;
    while (start > sentence_ && dot - start < longest) {
      const utf8::CodePoint c = utf8::before(text_, sentence_, start);
      if (!is_word(c.value) && c.value != '.' && c.value != '\'') break;
      start -= c.length;
    }
    return text_.substr(start, dot - start);
  }

  /// "1.", "2.3.", "IV.": the number of a list item or a section, not a sentence.
  bool is_numbering(std::size_t dot) const {
    const std::string_view word =
        utf8::trim(text_.substr(sentence_, std::min<std::size_t>(dot - sentence_, 64)));
    if (word.empty() || word.size() > 8) return false;
    const bool digits = word.find_first_not_of("0123456789.") == std::string_view::npos;
    const bool roman = word.find_first_not_of("IVXLC") == std::string_view::npos;
    return (digits && word.find_first_of("0123456789") < 1) || roman;
  }

  bool stop_ends_sentence(std::size_t dot) const {
    const std::string_view word = word_before(dot);
    if (word.empty()) return opened_ || !is_lower(next_first_);
    if (is_numbering(dot)) return false;
    const bool lower = is_lower(next_first_) && !opened_;
    switch (closed_ ? Abbreviation::no : kind_of(word, dot)) {
      case Abbreviation::never_last:
        return false;
      case Abbreviation::before_number:
        if (is_digit(next_first_) || next_first_ == '#' || lower) return false;
        return !(is_upper(next_first_) && next_word().size() == 1);
      case Abbreviation::maybe_last:
        return opened_ ? !is_lower(next_first_) : is_upper(next_first_);
      case Abbreviation::letters:
        return begins_sentences(next_word());
      case Abbreviation::no:
        break;
    }
    if (word.size() <= 2 && is_digit(word.front()) && is_german_month(next_word())) return false;
    // An abbreviation that no list has is short: "allg. gilt".
    constexpr std::size_t shortest_last_word = 5;
    return !lower || word.size() >= shortest_last_word;
  }

  Abbreviation kind_of(std::string_view word, std::size_t dot) const {
    const auto before = utf8::trim(
        text_.substr(sentence_, dot - word.size() - sentence_)
            .substr(dot - word.size() - sentence_ > 16 ? dot - word.size() - sentence_ - 16 : 0));
    // "1990 г. Он" is a year, "г. Москва" a town; "и т. д. Он", but "д. 5".
    if (word == "г" || word == "гг") {
      const bool year = !before.empty() && is_digit(before.back());
      return year ? Abbreviation::maybe_last : Abbreviation::never_last;
    }
    if ((word == "д" || word == "п") && before.size() >= 3 &&
        before.substr(before.size() - 3) == "т.") {
      return Abbreviation::maybe_last;
    }
    return abbreviation(word);
  }

  std::string_view text_;
  std::size_t sentence_;  // where the sentence at hand begins
  std::size_t end_;
  // The terminator read last, and what follows it.
  Mark mark_ = Mark::none;
  int stops_ = 0;
  bool closed_ = false;
  bool opened_ = false;
  std::size_t next_ = 0;
  char32_t next_first_ = 0;
};

void split_prose(std::string_view text, SentenceList& spans) {
  const auto add = [&spans](ByteSpan span) { spans.add(span); };
  ByteSpan paragraph;  // empty: none is open
  TextLine last;
  bool fenced = false;
  const auto close = [&] {
    if (paragraph.start < paragraph.end) {
      Paragraph(text, paragraph.start, paragraph.end).split(add);
    }
    paragraph = {};
  };
  for (std::size_t pos = 0; pos < text.size();) {
    const TextLine line = line_at(text, pos);
    pos = line.next;
    if (line.kind == TextLine::Kind::blank) {
      close();
      continue;
    }
    // Inside a fence each line stands alone, yet is split like prose: where the text is a part of a
    // document, what looks like the opening fence may be the closing one.
    if (line.kind == TextLine::Kind::fence) fenced = !fenced;
    const bool open = paragraph.start < paragraph.end;
    if (open && (fenced || parts_sentences(text, last, line))) close();
    if (paragraph.start == paragraph.end) paragraph.start = line.start;
    paragraph.end = line.end;
    last = line;
  }
  close();
}

void split_code(std::string_view text, SentenceList& spans) {
  for (std::size_t pos = 0; pos < text.size();) {
    const std::size_t end = std::min(text.find('\n', pos), text.size());
    spans.add({pos, end});
    pos = end + 1;
  }
}

}  // namespace

std::vector<ByteSpan> split_sentences(std::string_view text, TextKind kind) {
  SentenceList spans(text);
  if (kind == TextKind::code) {
    split_code(text, spans);
  } else {
    split_prose(text, spans);
  }
  return spans.take();
}

std::size_t cut_at_sentence(std::string_view text, TextKind kind, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text.size();
  // What follows the cut decides whether a sentence ends there; more than that need not be read.
  constexpr std::size_t look_ahead = 2048;
  const std::size_t seen =
      utf8::floor(text, max_bytes + std::min(look_ahead, text.size() - max_bytes));
  const std::vector<ByteSpan> spans = split_sentences(text.substr(0, seen), kind);
  const auto past = std::partition_point(
      spans.begin(), spans.end(), [max_bytes](ByteSpan span) { return span.end <= max_bytes; });
  if (past != spans.begin()) return std::prev(past)->end;
  const std::string_view head = text.substr(0, utf8::floor(text, max_bytes));
  const std::size_t first = spans.empty() ? 0 : spans.front().start;
  for (const std::string_view marks : {"\n", " \t"}) {
    const std::size_t at = head.find_last_of(marks);
    if (at != std::string_view::npos && at > first) return utf8::trimmed(head, {0, at}).end;
  }
  return head.size();
}

}  // namespace callslip
