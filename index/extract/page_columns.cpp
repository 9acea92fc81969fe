#include "index/extract/page_columns.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

#include "index/extract/reading_order.h"

namespace callslip {
namespace {

constexpr std::size_t kLookBack = 32;  // pieces
constexpr double kMostPlaces = 500;    // that are tried
constexpr double kGutterStep = 2.0;    // points between places that are tried
constexpr std::size_t kMostPieces = 4000;
constexpr int kDeepest = 5;
constexpr std::size_t kProseLines = 3;
constexpr std::size_t kFewCharacters = 10;  // of a line of a text beside another
constexpr std::size_t kProseCharacters = 24;
constexpr std::size_t kLongLine = 32;  // no cell of a table is as long, as a rule
constexpr double kProseFill = 0.6;     // of the block's width, in the median
constexpr double kFullLine = 0.75;     // of the block's width
constexpr std::size_t kSomeFullLines = 5;
constexpr std::size_t kSomeFromRight = 3;  // one word in four makes a page read from the right
constexpr std::size_t kFewFromRight = 16;  // one word in as many, where the document is
constexpr std::size_t kManyLines = 16;
constexpr double kAlikeWidths = 0.7;     // of columns of one page
constexpr std::size_t kMostAcross = 10;  // one in as many may cross a gutter that is known
constexpr double kSameGutter = 3.0;      // points
constexpr std::size_t kMostGutters = 4;
constexpr double kLevel = 0.15;        // of the lower height: two rows at one height
constexpr double kSomeLevel = 0.6;     // of the rows of two long columns
constexpr double kFewLevel = 0.35;     // of the rows
constexpr double kNoBlank = 0.15;      // in font sizes
constexpr double kOverprinted = 0.25;  // of the lower height
constexpr double kShared = 0.3;        // of the lower height: two rows that stand beside each other
constexpr double kMostBeside = 0.5;    // of the rows

template <class T>
T median(std::vector<T> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
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
  const std::vector<PieceLine> rows = rows_of(pieces);
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
  for (const PieceLine& row : rows) {
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

/// Whether a piece that crosses `x` is printed over one that begins there.
bool is_overprinted(const Piece& piece, const Pieces& pieces, double x) {
  for (const Piece& other : pieces) {  // by top
    if (other.top > piece.bottom) break;
    if (other.left < x - kTouch || other.left > piece.right - std::min(piece.size, other.size)) {
      continue;
    }
    const double shared = std::min(piece.bottom, other.bottom) - std::max(piece.top, other.top);
    if (shared > kOverprinted * std::min(piece.height(), other.height())) return true;
  }
  return false;
}

/// Whether a piece that crosses `x` does so alone, between lines that end before it, beside others
/// that begin behind it: a line of the left column that is too long for it, as a word that cannot
/// be parted makes it, and not one across both columns.
bool pokes(const Piece& piece, const Pieces& pieces, double x) {
  if (is_overprinted(piece, pieces, x)) return true;
  bool left = false;
  bool right = false;
  for (const Piece& other : pieces) {  // by top
    if (other.top > piece.bottom + piece.height()) break;
    const bool near = other.bottom > piece.top - piece.height() / 2 &&
                      other.top < piece.bottom + piece.height() / 2;
    if (!near || &other == &piece) continue;
    if (other.left < x - kTouch && other.right > x + kTouch) {
      if (!is_overprinted(other, pieces, x)) return false;
      left = true;
      continue;
    }
    left = left || other.right <= x + kTouch;
    right = right || other.left >= x - kTouch;
  }
  return left && right;
}

/// The words of a piece that pokes, to the sides: what begins at `x` is the other column's, unless
/// no blank parts it from what is before it.
void part(const Piece& piece, double x, Pieces& left, Pieces& right) {
  Piece before;
  Piece behind;
  for (const PageWord* word : piece.words) {
    const bool goes_on = behind.words.empty() && !before.words.empty() &&
                         std::abs(word->left - before.right) < kNoBlank * word->size;
    add_word(word->left < x - kTouch || goes_on ? before : behind, *word);
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
    const Pieces& across = bands.back().across;
    const auto near = static_cast<std::ptrdiff_t>(std::min(across.size(), kLookBack));
    const bool in_across = std::any_of(across.end() - near, across.end(), beside);
    if (crosses || in_across) {
      if (across.empty() && !(bands.back().left.empty() && bands.back().right.empty())) {
        bands.emplace_back();
      }
      bands.back().across.push_back(piece);
      continue;
    }
    if (!across.empty()) bands.emplace_back();
    (piece.right <= x + kTouch ? bands.back().left : bands.back().right).push_back(piece);
  }
  return bands;
}

/// How the rows on the side that has fewer stand to those on the other.
struct Beside {
  double level = 0;  // the share at one's height: all in a table, as a rule, few where a column
                     // stands beside another text
  double share = 0;  // that has one on its other side; few where indented lines of a listing
                     // alternate with others
};

Beside rows_beside(const Pieces& left, const Pieces& right) {
  const std::vector<PieceLine> one = rows_of(left);
  const std::vector<PieceLine> other = rows_of(right);
  const std::vector<PieceLine>& fewer = one.size() <= other.size() ? one : other;
  const std::vector<PieceLine>& more = one.size() <= other.size() ? other : one;
  std::size_t level = 0;
  std::size_t beside = 0;
  for (const PieceLine& row : fewer) {
    const Piece& own = *row.front();
    bool is_level = false;
    bool is_beside = false;
    for (const PieceLine& line : more) {
      const Piece& next = *line.front();
      const double least = std::min(own.height(), next.height());
      const double shared = std::min(own.bottom, next.bottom) - std::max(own.top, next.top);
      is_level = is_level || std::abs(own.bottom - next.bottom) < kLevel * least;
      is_beside = is_beside || shared > kShared * least;
    }
    level += is_level ? 1 : 0;
    beside += is_beside ? 1 : 0;
  }
  const auto rows = static_cast<double>(std::max<std::size_t>(fewer.size(), 1));
  return {static_cast<double>(level) / rows, static_cast<double>(beside) / rows};
}

bool has_columns(const Band& band) {
  const Column left = column_of(band.left);
  const Column right = column_of(band.right);
  if (is_prose(left) && is_prose(right)) return true;
  if (left.rows < kProseLines || right.rows < kProseLines) return false;
  const bool left_reads = is_prose(left) || has_prose(left);
  const bool right_reads = is_prose(right) || has_prose(right);
  const bool alike =
      std::min(left.width, right.width) > kAlikeWidths * std::max(left.width, right.width);
  if (alike && left_reads && right_reads) return true;
  if (std::min(left.typical, right.typical) < kFewCharacters) return false;
  // A note beside a text; a column of listings beside one of prose.
  const auto [level, beside] = rows_beside(band.left, band.right);
  if (beside < kMostBeside) return false;
  if ((is_prose(left) || is_prose(right)) && level < kFewLevel) return true;
  return alike && (left_reads || right_reads) && level < kSomeLevel &&
         std::min(left.rows, right.rows) >= kManyLines;
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

/// The middle of the space left of `x`, where a column begins: other lines of it, on this page or
/// the next, may begin a little further left, as those of Arabic do.
double middle_of_gutter(const Pieces& pieces, double x) {
  double right = 0;
  for (const Piece& piece : pieces) {
    if (piece.right <= x + kTouch) right = std::max(right, piece.right);
  }
  return right > 0 && right < x ? (right + x) / 2 : x;
}

/// The best place for a line between two columns of prose; nothing where there are none.
std::optional<double> find_gutter(const Pieces& pieces) {
  if (pieces.size() < 2 * kProseLines || pieces.size() > kMostPieces) return std::nullopt;
  std::vector<double> places;  // where something begins that has something on its left
  for (const Piece& piece : pieces) places.push_back(piece.left);
  std::sort(places.begin(), places.end());
  std::optional<double> best;
  std::size_t most = 0;
  const double step = std::max(kGutterStep, (places.back() - places.front()) / kMostPlaces);
  double last = places.front() - step;
  for (const double place : places) {
    if (place - last < step) continue;
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
  if (best) best = middle_of_gutter(pieces, *best);
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

WordDirections directions_of(const Pieces& pieces) {
  WordDirections words;
  for (const Piece& piece : pieces) {
    for (const PageWord* word : piece.words) {
      const bool right = std::any_of(word->text.begin(), word->text.end(), is_from_the_right);
      const bool left = std::any_of(word->text.begin(), word->text.end(), [](char16_t c) {
        return u_charDirection(c) == U_LEFT_TO_RIGHT;
      });
      words.from_right += right ? 1 : 0;
      words.from_left += left && !right ? 1 : 0;
    }
  }
  return words;
}

/// Listings and names in Latin letters do not turn the columns of an Arabic or Hebrew page.
bool reads_from_the_right(const WordDirections& words) {
  return kSomeFromRight * words.from_right > words.from_left;
}

/// Whether the right column is read first. A page of little but listings is read as the document.
bool is_right_first(const Pieces& region, bool shows_columns, const PageGutters* known) {
  const WordDirections words = directions_of(region);
  if (reads_from_the_right(words)) return true;
  if (known == nullptr || !reads_from_the_right(known->words())) return false;
  return !shows_columns || kFewFromRight * words.from_right > words.from_left;
}

}  // namespace

void add_lines(const Pieces& region, int depth, PageGutters* known, std::deque<Pieces>& kept,
               std::vector<PieceLine>& lines) {
  if (region.empty()) return;
  if (known != nullptr) known->saw(directions_of(region));
  const std::optional<double> old = known_gutter(region, known);
  const std::optional<double> gutter = old                ? old
                                       : depth < kDeepest ? find_gutter(region)
                                                          : std::nullopt;
  if (!gutter) {
    const auto rows = rows_of(kept.emplace_back(region));
    lines.insert(lines.end(), rows.begin(), rows.end());
    return;
  }
  const bool shows = known != nullptr && is_page_in_columns(region, *gutter);
  if (old || shows) known->remember(*gutter);
  const bool right_first = is_right_first(region, shows, known);
  for (Band& band : bands_at(region, *gutter, true)) {
    if (!band.across.empty()) {
      add_lines(band.across, kDeepest, nullptr, kept, lines);
    } else if (old || has_columns(band)) {
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

void PageGutters::saw(const WordDirections& words) {
  words_.from_right += words.from_right;
  words_.from_left += words.from_left;
}

void PageGutters::remember(double place) {
  std::erase_if(places_, [&](double other) { return std::abs(other - place) < kSameGutter; });
  places_.insert(places_.begin(), place);
  if (places_.size() > kMostGutters) places_.pop_back();
}

}  // namespace callslip
