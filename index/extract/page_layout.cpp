#include "index/extract/page_layout.h"

#include <unicode/ubidi.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>

#include "index/text/utf8.h"

namespace callslip {
namespace {

constexpr double kNarrowGutter = 7.5;  // points: no space between columns is narrower
constexpr double kPieceGap = 0.6;      // in font sizes: wider parts the pieces of a line
constexpr double kCellGap = 1.5;       // in font sizes: wider parts cells
constexpr double kTouch = 1.0;         // points that two may overlap and be side by side
constexpr double kGutterStep = 2.0;    // points between places that are tried
constexpr std::size_t kRowsBack = 8;
constexpr std::size_t kMostPieces = 4000;
constexpr int kDeepest = 5;
constexpr double kSameLine = 0.5;  // of the lower height that two must share
constexpr double kSpaceGap = 0.2;  // in font sizes: wider is a space
constexpr std::size_t kLongestLine = 100'000;
constexpr double kWideSpace = 0.8;     // between Chinese or Japanese characters
constexpr double kArabicSpace = 0.15;  // letters that do not join leave gaps, too
constexpr double kHairSpace = 0.03;
constexpr double kLeastSpace = 0.1;  // in font sizes
constexpr double kParagraph = 1.45;  // in line heights, from top to top
constexpr double kSizeChange = 1.15;
constexpr std::size_t kProseLines = 3;
constexpr std::size_t kFewCharacters = 10;  // of a line of a text beside another
constexpr std::size_t kProseCharacters = 24;
constexpr std::size_t kLongLine = 32;  // no cell of a table is as long, as a rule
constexpr double kProseFill = 0.6;     // of the block's width, in the median
constexpr double kFullLine = 0.75;     // of the block's width
constexpr std::size_t kSomeFullLines = 5;
constexpr std::size_t kManyLines = 16;
constexpr double kAlikeWidths = 0.7;     // of columns of one page
constexpr std::size_t kMostAcross = 10;  // one in as many may cross a gutter that is known
constexpr double kSameGutter = 3.0;      // points
constexpr std::size_t kMostGutters = 4;
constexpr double kLevel = 0.15;     // of the lower height: two rows at one height
constexpr double kFewLevel = 0.35;  // of the rows

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
  piece.characters += 1;  // the blank
  for (const char16_t c : word.text) piece.characters += c >= 0x2E80 && c < 0xFB00 ? 2 : 1;
  piece.words.push_back(&word);
}

/// Whether `word`, which comes next, goes on with the piece.
bool continues(const Piece& piece, const PageWord& word) {
  if (piece.upright != word.upright) return false;
  if (!word.upright) return true;
  if (!on_one_line(piece, word)) return false;
  const double gap = std::max(word.left - piece.right, piece.left - word.right);
  const double smaller = std::min(piece.words.back()->size, word.size);
  return gap < std::max(kPieceGap * smaller, kNarrowGutter);
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

using Pieces = std::vector<Piece>;

bool by_top(const Piece& a, const Piece& b) {
  return a.top != b.top ? a.top < b.top : a.left < b.left;
}

template <class T>
T median(std::vector<T> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Pieces that stand on one line, from left to right.
using Line = std::vector<const Piece*>;

/// From top to bottom, whatever stands side by side on one line.
std::vector<Line> rows_of(const Pieces& pieces) {
  std::vector<Line> rows;
  for (const Piece& piece : pieces) {  // by top
    Line* best = nullptr;
    for (std::size_t back = rows.size(); back > 0 && rows.size() - back < kRowsBack; --back) {
      Line& row = rows[back - 1];
      const bool fits = std::all_of(row.begin(), row.end(), [&](const Piece* other) {
        return other->left >= piece.right - kTouch || other->right <= piece.left + kTouch;
      });
      if (fits && on_one_line(*row.front(), piece)) {
        best = &row;
        break;
      }
    }
    if (best == nullptr) best = &rows.emplace_back();
    best->push_back(&piece);
  }
  for (Line& row : rows) {
    std::stable_sort(row.begin(), row.end(),
                     [](const Piece* a, const Piece* b) { return a->left < b->left; });
  }
  return rows;
}

/// What the lines of a column look like.
struct Column {
  double width = 0;
  std::size_t rows = 0;
  std::size_t full = 0;     // rows as long as a line of prose and nearly as wide as the column
  std::size_t leaders = 0;  // rows that begin with a dot, as the leaders of contents do
  std::size_t typical = 0;  // characters in a row, the median
  double fill = 0;          // of its width, the median
};

Column column_of(const Pieces& pieces) {
  Column column;
  if (pieces.empty()) return column;
  const std::vector<Line> rows = rows_of(pieces);
  double left = pieces.front().left;
  double right = pieces.front().right;
  for (const Piece& piece : pieces) {
    left = std::min(left, piece.left);
    right = std::max(right, piece.right);
  }
  column.width = right - left;
  column.rows = rows.size();
  std::vector<std::size_t> characters;
  std::vector<double> fill;
  for (const Line& row : rows) {
    std::size_t count = 0;
    double covered = 0;
    for (const Piece* piece : row) {
      count += piece->characters;
      covered += piece->width();
    }
    characters.push_back(count);
    fill.push_back(covered / std::max(column.width, 1.0));
    if (count >= kProseCharacters && fill.back() >= kFullLine) ++column.full;
    const std::u16string& first = row.front()->words.front()->text;
    if (first.front() == u'.') ++column.leaders;
  }
  column.typical = median(characters);
  column.fill = median(fill);
  return column;
}

/// Whether these are lines of running text: long, and most as wide as the column.
bool is_prose(const Column& column) {
  if (column.rows < kProseLines || 4 * column.leaders > column.rows) return false;
  return column.typical >= kLongLine ||
         (column.typical >= kProseCharacters && column.fill >= kProseFill);
}

/// Whether there is running text among listings, lists and headings.
bool has_prose(const Column& column) {
  return column.full >= kSomeFullLines && 5 * column.full >= column.rows &&
         4 * column.leaders <= column.rows;
}

/// What a vertical line at `x` makes of pieces: those that it crosses stand alone, between them are
/// those left and right of it.
struct Band {
  Pieces left;
  Pieces right;
  Pieces across;
};

/// Whether a piece that crosses `x` does so alone, between lines that end before it, beside others
/// that begin behind it: a line of the left column that is too long for it, as a word that cannot
/// be parted makes it, and not one across both columns.
bool pokes(const Piece& piece, const Pieces& pieces, double x) {
  bool left = false;
  bool right = false;
  for (const Piece& other : pieces) {  // by top
    if (other.top > piece.bottom + piece.height()) break;
    const bool near = other.bottom > piece.top - piece.height() / 2 &&
                      other.top < piece.bottom + piece.height() / 2;
    if (!near || &other == &piece) continue;
    if (other.left < x - kTouch && other.right > x + kTouch) return false;
    left = left || other.right <= x + kTouch;
    right = right || other.left >= x - kTouch;
  }
  return left && right;
}

/// The words of a piece that pokes, to the sides: what begins at `x` is the other column's.
void part(const Piece& piece, double x, Pieces& left, Pieces& right) {
  Piece before;
  Piece behind;
  for (const PageWord* word : piece.words) {
    add_word(word->left < x - kTouch ? before : behind, *word);
  }
  if (!before.words.empty()) left.push_back(std::move(before));
  if (!behind.words.empty()) right.push_back(std::move(behind));
}

std::vector<Band> bands_at(const Pieces& pieces, double x, bool parts = false) {
  std::vector<Band> bands(1);
  for (const Piece& piece : pieces) {  // by top
    const bool crosses = piece.left < x - kTouch && piece.right > x + kTouch;
    if (parts && crosses && pokes(piece, pieces, x)) {
      if (!bands.back().across.empty()) bands.emplace_back();
      part(piece, x, bands.back().left, bands.back().right);
      continue;
    }
    const auto beside = [&](const Piece& other) { return on_one_line(other, piece); };
    Band& band = bands.back();
    const bool in_across =
        !band.across.empty() && std::any_of(band.across.begin(), band.across.end(), beside);
    if (crosses || in_across) {
      if (band.across.empty() && !(band.left.empty() && band.right.empty())) bands.emplace_back();
      bands.back().across.push_back(piece);
      continue;
    }
    if (!band.across.empty()) bands.emplace_back();
    (piece.right <= x + kTouch ? bands.back().left : bands.back().right).push_back(piece);
  }
  return bands;
}

/// How many of the rows on the side that has fewer stand at the height of one on the other: all in
/// a table, as a rule, few where a column stands beside another text.
double share_of_level_rows(const Pieces& left, const Pieces& right) {
  const std::vector<Line> one = rows_of(left);
  const std::vector<Line> other = rows_of(right);
  const std::vector<Line>& fewer = one.size() <= other.size() ? one : other;
  const std::vector<Line>& more = one.size() <= other.size() ? other : one;
  const auto level = std::count_if(fewer.begin(), fewer.end(), [&](const Line& row) {
    return std::any_of(more.begin(), more.end(), [&](const Line& beside) {
      const double least = std::min(row.front()->height(), beside.front()->height());
      return std::abs(row.front()->bottom - beside.front()->bottom) < kLevel * least;
    });
  });
  return static_cast<double>(level) / static_cast<double>(std::max<std::size_t>(fewer.size(), 1));
}

bool has_columns(const Band& band) {
  const Column left = column_of(band.left);
  const Column right = column_of(band.right);
  if (is_prose(left) && is_prose(right)) return true;
  if (left.rows >= kProseLines && right.rows >= kProseLines &&
      std::min(left.typical, right.typical) >= kFewCharacters &&
      (is_prose(left) || is_prose(right)) &&
      share_of_level_rows(band.left, band.right) < kFewLevel) {
    return true;
  }
  const double wider = std::max(left.width, right.width);
  const double other = std::min(left.width, right.width);
  return other > kAlikeWidths * wider && (is_prose(left) || has_prose(left)) &&
         (is_prose(right) || has_prose(right));
}

/// Whether a gutter of earlier pages parts these too: hardly anything crosses it, and what stands
/// on both sides is as wide.
bool still_parts(const Pieces& pieces, double x) {
  std::size_t across = 0;
  Pieces left;
  Pieces right;
  for (const Band& band : bands_at(pieces, x)) {
    across += band.across.size();
    left.insert(left.end(), band.left.begin(), band.left.end());
    right.insert(right.end(), band.right.begin(), band.right.end());
  }
  if (kMostAcross * across > pieces.size()) return false;
  return rows_of(left).size() >= kSomeFullLines && rows_of(right).size() >= kSomeFullLines;
}

/// The best place for a line between two columns of prose; nothing where there are none.
std::optional<double> find_gutter(const Pieces& pieces) {
  if (pieces.size() < 2 * kProseLines || pieces.size() > kMostPieces) return std::nullopt;
  std::vector<double> places;  // where something begins that has something on its left
  for (const Piece& piece : pieces) places.push_back(piece.left);
  std::sort(places.begin(), places.end());
  std::optional<double> best;
  std::size_t most = 0;
  double last = -1e9;
  for (const double place : places) {
    if (place - last < kGutterStep) continue;
    last = place;
    std::size_t score = 0;
    for (const Band& band : bands_at(pieces, place)) {
      if (!has_columns(band)) continue;
      score += std::min(band.left.size(), band.right.size()) + band.left.size() + band.right.size();
    }
    if (score > most) {
      most = score;
      best = place;
    }
  }
  return best;
}

/// Whether most of the page is two columns of prose, both as wide.
bool is_page_in_columns(const Pieces& pieces, double x) {
  Pieces left;
  Pieces right;
  for (const Band& band : bands_at(pieces, x, true)) {
    left.insert(left.end(), band.left.begin(), band.left.end());
    right.insert(right.end(), band.right.begin(), band.right.end());
  }
  if (2 * (left.size() + right.size()) < pieces.size()) return false;
  const Column one = column_of(left);
  const Column other = column_of(right);
  return one.full + other.full >= kManyLines && (is_prose(one) || has_prose(one)) &&
         (is_prose(other) || has_prose(other)) &&
         std::min(one.width, other.width) > kAlikeWidths * std::max(one.width, other.width);
}

std::optional<double> known_gutter(const Pieces& pieces, const PageGutters* known) {
  if (known == nullptr || pieces.size() > kMostPieces) return std::nullopt;
  for (const double place : known->places()) {
    if (still_parts(pieces, place)) return place;
  }
  return std::nullopt;
}

bool reads_from_the_right(const Pieces& pieces) {
  std::ptrdiff_t rtl = 0;
  for (const Piece& piece : pieces) {
    for (const PageWord* word : piece.words) {
      const UCharDirection direction = u_charDirection(word->text.front());
      rtl += direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC ? 1 : 0;
      rtl -= direction == U_LEFT_TO_RIGHT ? 1 : 0;
    }
  }
  return rtl > 0;
}

/// The lines of a region: column by column where it has columns, else row by row. The lines point
/// into `kept`.
void add_lines(const Pieces& region, int depth, PageGutters* known, std::deque<Pieces>& kept,
               std::vector<Line>& lines) {
  if (region.empty()) return;
  const std::optional<double> old = known_gutter(region, known);
  const std::optional<double> gutter = old                ? old
                                       : depth < kDeepest ? find_gutter(region)
                                                          : std::nullopt;
  if (!gutter) {
    const auto rows = rows_of(kept.emplace_back(region));
    lines.insert(lines.end(), rows.begin(), rows.end());
    return;
  }
  if (known != nullptr && (old || is_page_in_columns(region, *gutter))) known->remember(*gutter);
  for (Band& band : bands_at(region, *gutter, true)) {
    if (!band.across.empty()) {
      add_lines(band.across, kDeepest, nullptr, kept, lines);
    } else if (old || has_columns(band)) {
      const bool right_first = reads_from_the_right(region);
      add_lines(right_first ? band.right : band.left, depth + 1, nullptr, kept, lines);
      add_lines(right_first ? band.left : band.right, depth + 1, nullptr, kept, lines);
    } else {
      Pieces all = std::move(band.left);
      all.insert(all.end(), band.right.begin(), band.right.end());
      std::stable_sort(all.begin(), all.end(), by_top);
      add_lines(all, depth + 1, nullptr, kept, lines);
    }
  }
}

bool is_from_the_right(char16_t c) {
  const UCharDirection direction = u_charDirection(c);
  return direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC;
}

bool is_wide(char16_t c) { return (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xFF00 && c < 0xFFF0); }

/// Whether a blank parts two words that follow each other. A space that the file is said to have
/// counts only where it can be seen: the ends of sub- and superscripts are taken for spaces too.
bool are_parted(const PageWord& word, const PageWord& next) {
  if (!word.upright) return true;
  const auto is_mark = [](char16_t c) { return u_charType(c) == U_NON_SPACING_MARK; };
  // Right-to-left marks stand left of their letter.
  if (std::all_of(word.text.begin(), word.text.end(), is_mark)) return false;
  const double gap = next.left - word.right;
  const double smaller = std::max(std::min(word.size, next.size), 1.0);
  // Lines of Chinese and Japanese are filled by spreading their characters.
  if (is_wide(word.text.back()) && is_wide(next.text.front())) {
    return gap > kWideSpace * std::max(next.size, 1.0);
  }
  const double least = is_from_the_right(word.text.back()) && is_from_the_right(next.text.front())
                           ? kArabicSpace
                       : std::max(word.size, next.size) > kSizeChange * smaller ? kLeastSpace
                                                                                : kHairSpace;
  return gap > kSpaceGap * std::max(next.size, 1.0) ||
         ((word.space_after || next.space_after) && gap > least * smaller);
}

/// Whether a word is the number of a footnote before its text.
bool is_note_number(const PageWord& word, const PageWord& next) {
  return word.size * kSizeChange < next.size && word.bottom < next.bottom &&
         std::all_of(word.text.begin(), word.text.end(),
                     [](char16_t c) { return c >= u'0' && c <= u'9'; });
}

std::u16string text_of(const Piece& piece) {
  std::u16string text;
  const PageWord* last = nullptr;
  for (const PageWord* word : piece.words) {
    if (last != nullptr && (are_parted(*last, *word) ||
                            (last == piece.words.front() && is_note_number(*last, *word)))) {
      text += u' ';
    }
    text += word->text;
    last = word;
  }
  return text;
}

/// Quick; wrong at times in one way only.
bool may_run_from_the_right(const std::u16string& line) {
  return std::any_of(line.begin(), line.end(), [](char16_t c) {
    return (c >= 0x590 && c <= 0x8FF) || (c >= 0xD800 && c <= 0xDFFF) || c >= 0xFB1D;
  });
}

/// Above 0: most of it reads from the right.
std::ptrdiff_t direction_of(const std::u16string& line) {
  std::ptrdiff_t direction = 0;
  for (const char16_t c : line) {
    direction += is_from_the_right(c) ? 1 : 0;
    direction -= u_charDirection(c) == U_LEFT_TO_RIGHT ? 1 : 0;
  }
  return direction;
}

std::optional<std::u16string> reordered(const std::u16string& line, UBiDiReorderingMode mode,
                                        UBiDiLevel base, std::uint16_t options) {
  const std::unique_ptr<UBiDi, decltype(&ubidi_close)> bidi(ubidi_open(), &ubidi_close);
  if (!bidi) return std::nullopt;
  UErrorCode error = U_ZERO_ERROR;
  ubidi_setReorderingMode(bidi.get(), mode);
  ubidi_setPara(bidi.get(), line.data(), static_cast<std::int32_t>(line.size()), base, nullptr,
                &error);
  std::u16string out(line.size() * 2 + 1, u'\0');
  const std::int32_t written = ubidi_writeReordered(
      bidi.get(), out.data(), static_cast<std::int32_t>(out.size()), options, &error);
  if (U_FAILURE(error) != 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(written));
  return out;
}

/// Brackets that close what was opened, less those that do not.
std::ptrdiff_t closed_brackets(const std::u16string& line) {
  std::ptrdiff_t open = 0;
  std::ptrdiff_t score = 0;
  for (const char16_t c : line) {
    if (c == u'(' || c == u'[' || c == 0xAB) {
      ++open;
    } else if (c == u')' || c == u']' || c == 0xBB) {
      score += open > 0 ? 1 : -1;
      open = std::max<std::ptrdiff_t>(0, open - 1);
    }
  }
  return score - open;
}

/// Whether the brackets of right-to-left lines are as they look, and not as they are meant: some
/// programs write the one, some the other into a PDF.
bool has_mirrored_brackets(const std::vector<std::u16string>& lines) {
  std::ptrdiff_t score = 0;
  for (const std::u16string& line : lines) {
    if (!may_run_from_the_right(line)) continue;
    score +=
        closed_brackets(reading_order(line, true)) - closed_brackets(reading_order(line, false));
  }
  return score > 0;
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

std::u16string reading_order(const std::u16string& line, bool mirrored) {
  if (!may_run_from_the_right(line) || line.size() > kLongestLine) return line;
  const std::ptrdiff_t direction = direction_of(line);
  if (std::none_of(line.begin(), line.end(), is_from_the_right)) return line;
  const UBiDiLevel usual = direction >= 0 ? UBIDI_RTL : UBIDI_LTR;
  const UBiDiLevel other = direction >= 0 ? UBIDI_LTR : UBIDI_RTL;
  const std::uint16_t options = mirrored ? UBIDI_DO_MIRRORING : 0;
  const UBiDiReorderingMode inverse[] = {UBIDI_REORDER_INVERSE_NUMBERS_AS_L,
                                         UBIDI_REORDER_INVERSE_LIKE_DIRECT};
  // No inverse fits all texts: the one that stands there as the line does is right.
  for (const UBiDiLevel base : {usual, other}) {
    for (const UBiDiReorderingMode mode : inverse) {
      const auto read = reordered(line, mode, base, options);
      if (read && reordered(*read, UBIDI_REORDER_DEFAULT, base, options) == line) return *read;
    }
  }
  return reordered(line, inverse[1], usual, options).value_or(line);
}

void PageGutters::remember(double place) {
  std::erase_if(places_, [&](double other) { return std::abs(other - place) < kSameGutter; });
  places_.insert(places_.begin(), place);
  if (places_.size() > kMostGutters) places_.pop_back();
}

std::vector<PageLine> lines_of_page(const std::vector<PageWord>& words, PageGutters* gutters) {
  Pieces upright;
  Pieces turned;
  for (Piece& piece : pieces_of(words)) {
    (piece.upright ? upright : turned).push_back(std::move(piece));
  }
  std::stable_sort(upright.begin(), upright.end(), by_top);
  std::deque<Pieces> kept;
  std::vector<Line> lines;
  add_lines(upright, 0, gutters, kept, lines);
  for (const Piece& piece : turned) lines.push_back({&piece});
  std::vector<PageLine> page;
  std::vector<std::u16string> texts;
  const Piece* above = nullptr;
  for (const Line& line : lines) {
    std::u16string joined;
    const Piece* before = nullptr;
    PageLine& out = page.emplace_back();
    out.top = line.front()->top;
    out.bottom = line.front()->bottom;
    for (const Piece* piece : line) {
      if (before != nullptr) {
        const bool cell = piece->left - before->right > kCellGap * std::max(piece->size, 1.0);
        joined += cell ? u"  " : u" ";
      }
      joined += text_of(*piece);
      before = piece;
      out.top = std::min(out.top, piece->top);
      out.bottom = std::max(out.bottom, piece->bottom);
    }
    out.begins_paragraph = above != nullptr && begins_paragraph(*above, *line.front());
    texts.push_back(std::move(joined));
    above = line.front();
  }
  const bool mirrored = has_mirrored_brackets(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::u16string ordered = reading_order(texts[i], mirrored);
    icu::UnicodeString(ordered.data(), static_cast<std::int32_t>(ordered.size()))
        .toUTF8String(page[i].text);
  }
  return page;
}

std::string text_of_lines(const std::vector<PageLine>& lines) {
  std::string text;
  for (const PageLine& line : lines) {
    if (line.begins_paragraph && !text.empty()) text += '\n';
    text += line.text;
    text += '\n';
  }
  return text;
}

std::string lay_out_page(const std::vector<PageWord>& words) {
  return text_of_lines(lines_of_page(words));
}

}  // namespace callslip
