#include "tools/quote_locator.h"

#include <algorithm>

#include "index/text/sentences.h"
#include "index/text/utf8_steps.h"

namespace callslip {
namespace {

constexpr std::size_t fewest_words = 3;
constexpr std::size_t fewest_letter_bytes = 8;
// Letters alone are compared from here on: fewer could stand anywhere.
constexpr std::size_t fewest_squeezed_bytes = 12;
// A shorter sentence ("Yes.") says nothing where it stands alone.
constexpr std::size_t fewest_tokens = 3;

/// Bytes of the omission mark at `pos`: "...", "…", "[...]", "(…)"; 0 when there is none.
std::size_t omission_at(std::string_view text, std::size_t pos) {
  constexpr std::string_view ellipsis = "\u2026";
  std::size_t end = pos;
  const bool bracket = text[end] == '[' || text[end] == '(';
  if (bracket) ++end;
  std::size_t dots = 0;
  while (end < text.size()) {
    if (text[end] == '.') {
      ++dots;
      ++end;
    } else if (text.substr(end, ellipsis.size()) == ellipsis) {
      dots += 3;
      end += ellipsis.size();
    } else {
      break;
    }
  }
  if (dots < 2 || (dots == 2 && !bracket)) return 0;
  if (bracket) {
    if (end >= text.size() || (text[end] != ']' && text[end] != ')')) return 0;
    ++end;
  }
  return end - pos;
}

std::vector<std::string_view> split_at_omissions(std::string_view quote) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  for (std::size_t pos = 0; pos < quote.size();) {
    const std::size_t length = omission_at(quote, pos);
    if (length == 0) {
      ++pos;
      continue;
    }
    parts.push_back(quote.substr(start, pos - start));
    pos += length;
    start = pos;
  }
  parts.push_back(quote.substr(start));
  return parts;
}

/// Without what closed the sentence before, so that a match does not reach into it.
std::string_view without_leading_marks(std::string_view text) {
  text = utf8::trim(text);
  const std::size_t start = text.find_first_not_of(".,;:!?)] \t\r\n");
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

void merge(std::vector<ByteSpan>& into, const std::vector<ByteSpan>& more) {
  into.insert(into.end(), more.begin(), more.end());
  std::sort(into.begin(), into.end(), [](ByteSpan a, ByteSpan b) { return a.start < b.start; });
  into.erase(std::unique(into.begin(), into.end()), into.end());
}

}  // namespace

QuoteLocator::QuoteLocator(std::string_view passage, std::span<const ByteSpan> sentences)
    : passage_(passage), sentences_(sentences) {}

const FoldedText& QuoteLocator::folded() const {
  if (!folded_) folded_ = fold_text(passage_);
  return *folded_;
}

const FoldedText& QuoteLocator::squeezed() const {
  if (!squeezed_) squeezed_ = squeeze_text(folded());
  return *squeezed_;
}

QuoteMatch QuoteLocator::locate(std::string_view quote) const {
  QuoteMatch result;
  if (Place place = locate_part(quote, 0); !place.sentences.empty()) {
    result.sentences = std::move(place.sentences);
    return result;
  }
  std::size_t from = 0;
  const auto take = [&](std::string_view part) {
    Place place = locate_part(part, from);
    if (place.sentences.empty()) return false;
    from = place.match.end;
    merge(result.sentences, place.sentences);
    return true;
  };
  for (const std::string_view part : split_at_omissions(quote)) {
    if (measure_text(part).letters == 0 || take(part)) continue;
    const std::vector<ByteSpan> spans = split_sentences(part, TextKind::prose);
    for (const ByteSpan span : spans) {
      const std::string_view sentence = part.substr(span.start, span.end - span.start);
      if ((spans.size() == 1 || !take(sentence)) && !holds(sentence)) ++result.rejected;
    }
  }
  // A quote of which nothing is there is one quote, however many parts it has.
  if (result.sentences.empty()) result.rejected = std::min<std::size_t>(result.rejected, 1);
  return result;
}

/// Whether the passage has these words, though too few of them to be evidence.
bool QuoteLocator::holds(std::string_view words) const {
  return folded().bytes.find(fold_text(words).bytes) != std::string::npos;
}

QuoteLocator::Place QuoteLocator::locate_part(std::string_view part, std::size_t from) const {
  part = without_leading_marks(part);
  const TextMeasure measure = measure_text(part);
  if (measure.letters == 0) return {};
  const bool whole = measure.words < fewest_words || measure.letter_bytes < fewest_letter_bytes;
  const auto same = [](std::size_t pos) { return ByteSpan{pos, pos + 1}; };
  if (Place place = find(passage_, part, from, whole, same); !place.sentences.empty()) return place;

  const FoldedText quote = fold_text(part);
  const auto in_folded = [this](std::size_t pos) { return folded().origins[pos]; };
  if (Place place = find(folded().bytes, quote.bytes, from, whole, in_folded);
      !place.sentences.empty()) {
    return place;
  }

  // In code the marks are the meaning: "a != b" is not "a == b".
  const bool prose = measure.marks * 6 <= measure.letters;
  const FoldedText squeezed_quote = squeeze_text(quote);
  if (!prose || whole || squeezed_quote.bytes.size() < fewest_squeezed_bytes) return {};
  const auto in_squeezed = [this](std::size_t pos) { return squeezed().origins[pos]; };
  Place place = find(squeezed().bytes, squeezed_quote.bytes, from, false, in_squeezed);
  return !place.sentences.empty() && has_word_edges(place.match) ? place : Place{};
}

/// The first place at or after `from` of the passage, else the first one. `origin` says which
/// bytes of the passage a byte of `text` stands for.
template <class Origin>
QuoteLocator::Place QuoteLocator::find(std::string_view text, std::string_view part,
                                       std::size_t from, bool whole, const Origin& origin) const {
  Place first;
  if (part.empty()) return first;
  for (std::size_t pos = text.find(part); pos != std::string_view::npos;
       pos = text.find(part, pos + 1)) {
    const ByteSpan match{origin(pos).start, origin(pos + part.size() - 1).end};
    if (!first.sentences.empty() && match.start < from) continue;
    std::vector<ByteSpan> spans = covered(match);
    if (spans.empty() || (whole && !is_whole(match, spans))) continue;
    std::erase_if(spans, [this](ByteSpan span) {
      const TextMeasure measure = measure_text(passage_.substr(span.start, span.end - span.start));
      return measure.words + measure.marks < fewest_tokens;
    });
    if (spans.empty()) continue;
    if (match.start >= from) return {match, std::move(spans)};
    first = {match, std::move(spans)};
  }
  return first;
}

std::vector<ByteSpan> QuoteLocator::covered(ByteSpan match) const {
  auto span = std::partition_point(sentences_.begin(), sentences_.end(),
                                   [&](ByteSpan sentence) { return sentence.end <= match.start; });
  std::vector<ByteSpan> spans;
  for (; span != sentences_.end() && span->start < match.end; ++span) spans.push_back(*span);
  return spans;
}

bool QuoteLocator::is_whole(ByteSpan match, std::span<const ByteSpan> sentences) const {
  const std::size_t start = std::min(sentences.front().start, match.start);
  const std::size_t end = std::max(sentences.back().end, match.end);
  return measure_text(passage_.substr(start, match.start - start)).letters == 0 &&
         measure_text(passage_.substr(match.end, end - match.end)).letters == 0;
}

bool QuoteLocator::has_word_edges(ByteSpan match) const {
  const auto parts = [](char32_t outside, char32_t inside) {
    return !is_word_character(outside) || is_unspaced_script(outside) || is_unspaced_script(inside);
  };
  return parts(utf8::before(passage_, 0, match.start).value,
               utf8::at(passage_, match.start).value) &&
         parts(utf8::at(passage_, match.end).value,
               utf8::before(passage_, match.start, match.end).value);
}

std::vector<std::string_view> quote_parts(std::string_view quote) {
  std::vector<std::string_view> parts;
  for (const std::string_view part : split_at_omissions(quote)) {
    for (const ByteSpan span : split_sentences(part, TextKind::prose)) {
      const std::string_view sentence = part.substr(span.start, span.end - span.start);
      if (measure_text(sentence).letters > 0) parts.push_back(sentence);
    }
  }
  return parts;
}

}  // namespace callslip
