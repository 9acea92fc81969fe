#include "index/extract/page_layout.h"

#include <unicode/ubidi.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <numeric>

#include "index/utf8.h"

namespace callslip {
namespace {

constexpr double kPieceGap = 2.0;    // in font sizes: wider parts the pieces of a line
constexpr double kSameLine = 0.5;    // of the lower height that two must share
constexpr double kSpaceGap = 0.2;    // in font sizes: wider is a space
constexpr double kParagraph = 1.45;  // in line heights, from top to top
constexpr double kSizeChange = 1.15;
constexpr std::size_t kProseLines = 3;
constexpr std::size_t kProseCharacters = 22;
constexpr double kProseFill = 0.8;  // of the block's width, in the median
constexpr const char16_t* kCellGap = u"  ";

/// Words on one line, next to each other.
struct Piece {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
  double size = 0;
  bool upright = true;
  std::size_t characters = 0;
  std::vector<const PageWord*> words;
  bool prose = false;  // a line of a column: what stands beside it is another column
  bool taken = false;

  double height() const { return bottom - top; }
  double width() const { return right - left; }
};

template <class A, class B>
bool on_one_line(const A& a, const B& b) {
  const double shared = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const double lower = std::min(a.bottom - a.top, b.bottom - b.top);
  return shared > kSameLine * lower;
}

void add_word(Piece& piece, const PageWord& word) {
  if (piece.words.empty()) {
    piece.left = word.left;
    piece.top = word.top;
    piece.right = word.right;
    piece.bottom = word.bottom;
    piece.upright = word.upright;
  } else {
    piece.left = std::min(piece.left, word.left);
    piece.top = std::min(piece.top, word.top);
    piece.right = std::max(piece.right, word.right);
    piece.bottom = std::max(piece.bottom, word.bottom);
  }
  piece.size = std::max(piece.size, word.size);
  piece.characters += word.text.size() + 1;
  piece.words.push_back(&word);
}

/// Whether `word`, which comes next, goes on with the piece.
bool continues(const Piece& piece, const PageWord& word) {
  if (piece.upright != word.upright) return false;
  if (!word.upright) return true;
  if (!on_one_line(piece, word)) return false;
  const double gap = std::max(word.left - piece.right, piece.left - word.right);
  return gap < kPieceGap * std::max(piece.size, word.size);
}

std::vector<Piece> pieces_of(const std::vector<PageWord>& words) {
  std::vector<Piece> pieces;
  for (const PageWord& word : words) {
    if (word.text.empty()) continue;
    if (pieces.empty() || !continues(pieces.back(), word)) pieces.emplace_back();
    add_word(pieces.back(), word);
  }
  for (Piece& piece : pieces) {
    if (!piece.upright) continue;
    std::stable_sort(piece.words.begin(), piece.words.end(),
                     [](const PageWord* a, const PageWord* b) { return a->left < b->left; });
  }
  return pieces;
}

/// Whether `next` is the line below, of the same block.
bool goes_on_below(const Piece& above, const Piece& next) {
  if (!above.upright || !next.upright) return false;
  const double down = next.top - above.top;
  const double height = std::max(above.height(), next.height());
  const bool below = down > 0.3 * height && down < 2.2 * height;
  const bool over = std::min(above.right, next.right) > std::max(above.left, next.left);
  return below && over;
}

/// Whether the pieces of a block, one a line, are running text.
bool is_prose(const std::vector<Piece>& pieces, std::size_t first, std::size_t last) {
  if (last - first < kProseLines) return false;
  double left = pieces[first].left;
  double right = pieces[first].right;
  std::vector<std::size_t> characters;
  for (std::size_t i = first; i < last; ++i) {
    left = std::min(left, pieces[i].left);
    right = std::max(right, pieces[i].right);
    characters.push_back(pieces[i].characters);
  }
  std::vector<double> fill;
  for (std::size_t i = first; i < last; ++i) {
    fill.push_back(pieces[i].width() / std::max(right - left, 1.0));
  }
  const auto median = [](auto& values) {
    std::nth_element(values.begin(),
                     values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
  };
  return median(characters) >= kProseCharacters && median(fill) >= kProseFill;
}

void mark_prose(std::vector<Piece>& pieces) {
  for (std::size_t first = 0; first < pieces.size();) {
    std::size_t last = first + 1;
    while (last < pieces.size() && goes_on_below(pieces[last - 1], pieces[last])) ++last;
    const bool prose = is_prose(pieces, first, last);
    for (std::size_t i = first; i < last; ++i) pieces[i].prose = prose;
    first = last;
  }
}

/// The lines: each the numbers of its pieces, from left to right.
std::vector<std::vector<std::size_t>> lines_of(std::vector<Piece>& pieces) {
  // By their tops, so that only neighbours are looked at.
  std::vector<std::size_t> by_top(pieces.size());
  std::iota(by_top.begin(), by_top.end(), std::size_t{0});
  std::stable_sort(by_top.begin(), by_top.end(),
                   [&](std::size_t a, std::size_t b) { return pieces[a].top < pieces[b].top; });
  double tallest = 0;
  for (const Piece& piece : pieces) {
    if (piece.upright && !piece.prose) tallest = std::max(tallest, piece.height());
  }
  std::vector<std::vector<std::size_t>> lines;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    Piece& piece = pieces[i];
    if (piece.taken) continue;
    piece.taken = true;
    lines.push_back({i});
    if (piece.prose || !piece.upright) continue;
    auto beside =
        std::lower_bound(by_top.begin(), by_top.end(), piece.top - tallest,
                         [&](std::size_t number, double top) { return pieces[number].top < top; });
    for (; beside != by_top.end() && pieces[*beside].top < piece.bottom; ++beside) {
      Piece& other = pieces[*beside];
      if (other.taken || other.prose || !other.upright || !on_one_line(piece, other)) continue;
      const bool apart = other.left >= piece.right || other.right <= piece.left;
      if (!apart) continue;
      other.taken = true;
      lines.back().push_back(*beside);
    }
    std::stable_sort(lines.back().begin(), lines.back().end(),
                     [&](std::size_t a, std::size_t b) { return pieces[a].left < pieces[b].left; });
  }
  return lines;
}

std::u16string text_of(const Piece& piece) {
  std::u16string text;
  const PageWord* last = nullptr;
  for (const PageWord* word : piece.words) {
    const bool turned = !word->upright;
    if (last != nullptr && (last->space_after || turned ||
                            word->left - last->right > kSpaceGap * std::max(word->size, 1.0))) {
      text += u' ';
    }
    text += word->text;
    last = word;
  }
  return text;
}

bool begins_paragraph(const Piece& above, const Piece& next) {
  const double height = std::max({above.height(), next.height(), 1.0});
  const double down = next.top - above.top;
  if (down <= 0 || down > kParagraph * height + 0.5) return true;
  const double larger = std::max(above.size, next.size);
  const double smaller = std::max(std::min(above.size, next.size), 0.1);
  return larger / smaller > kSizeChange;
}

}  // namespace

std::u16string reading_order(const std::u16string& line) {
  const bool simple = std::all_of(line.begin(), line.end(), [](char16_t c) {
    return c < 0x590 || (c > 0x8FF && c < 0xD800) || (c > 0xDFFF && c < 0xFB1D);
  });
  if (simple || line.size() > 100'000) return line;
  std::ptrdiff_t rtl = 0;
  std::ptrdiff_t ltr = 0;
  for (const char16_t c : line) {
    const UCharDirection direction = u_charDirection(c);
    rtl += direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC ? 1 : 0;
    ltr += direction == U_LEFT_TO_RIGHT ? 1 : 0;
  }
  if (rtl == 0) return line;
  const std::unique_ptr<UBiDi, decltype(&ubidi_close)> bidi(ubidi_open(), &ubidi_close);
  UErrorCode error = U_ZERO_ERROR;
  const auto length = static_cast<std::int32_t>(line.size());
  ubidi_setReorderingMode(bidi.get(), UBIDI_REORDER_INVERSE_LIKE_DIRECT);
  ubidi_setPara(bidi.get(), line.data(), length, rtl >= ltr ? UBIDI_RTL : UBIDI_LTR, nullptr,
                &error);
  std::u16string out(line.size() * 2 + 1, u'\0');
  const std::int32_t written =
      ubidi_writeReordered(bidi.get(), out.data(), static_cast<std::int32_t>(out.size()),
                           UBIDI_DO_MIRRORING | UBIDI_KEEP_BASE_COMBINING, &error);
  if (U_FAILURE(error) != 0) return line;
  out.resize(static_cast<std::size_t>(written));
  return out;
}

std::string lay_out_page(const std::vector<PageWord>& words) {
  std::vector<Piece> pieces = pieces_of(words);
  mark_prose(pieces);
  std::string text;
  const Piece* above = nullptr;
  for (const auto& line : lines_of(pieces)) {
    std::u16string joined;
    for (const std::size_t number : line) {
      if (!joined.empty()) joined += kCellGap;
      joined += text_of(pieces[number]);
    }
    const Piece& first = pieces[line.front()];
    if (above != nullptr && begins_paragraph(*above, first)) text += '\n';
    const std::u16string ordered = reading_order(joined);
    icu::UnicodeString(ordered.data(), static_cast<std::int32_t>(ordered.size()))
        .toUTF8String(text);
    text += '\n';
    above = &first;
  }
  return text;
}

}  // namespace callslip
