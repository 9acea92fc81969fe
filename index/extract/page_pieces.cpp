#include "index/extract/page_pieces.h"

#include <unicode/uchar.h>

namespace callslip {
namespace {

constexpr double kNarrowGutter = 7.5;  // points: no space between columns is narrower
constexpr double kPieceGap = 0.6;      // in font sizes: wider parts the pieces of a line
constexpr std::size_t kRowsBack = 8;
constexpr std::size_t kWordsBack = 16;

bool is_as_large(const PageWord& word, const PageWord& other) {
  constexpr double kAlike = 0.9;
  return word.size > kAlike * other.size;
}

/// Whether it is printed over words of the piece: a line that is too long for its column ends in
/// the next one.
bool overprints(const Piece& piece, const PageWord& word) {
  const std::size_t last = piece.words.size();
  for (std::size_t i = last > kWordsBack ? last - kWordsBack : 0; i < last; ++i) {
    const PageWord& other = *piece.words[i];
    const double shared = std::min(other.right, word.right) - std::max(other.left, word.left);
    if (shared > std::min(other.size, word.size)) return true;
    // A short word, on a long one; accents and indices are no words.
    const bool within = word.left > other.left && word.right < other.right - word.size;
    if (within && u_isalnum(word.text.front()) != 0 && is_as_large(word, other)) return true;
  }
  return false;
}

/// Whether `word`, which comes next, goes on with the piece.
bool continues(const Piece& piece, const PageWord& word) {
  if (piece.upright != word.upright) return false;
  if (!word.upright) return true;
  if (!on_one_line(piece, word)) return false;
  const double gap = std::max(word.left - piece.right, piece.left - word.right);
  const double smaller = std::min(piece.words.back()->size, word.size);
  if (gap < -smaller && overprints(piece, word)) return false;
  return gap < std::max(kPieceGap * smaller, kNarrowGutter);
}

}  // namespace

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

Pieces pieces_of(const std::vector<PageWord>& words) {
  Pieces pieces;
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

bool by_top(const Piece& a, const Piece& b) {
  return a.top != b.top ? a.top < b.top : a.left < b.left;
}

std::vector<PieceLine> rows_of(const Pieces& pieces) {
  std::vector<PieceLine> rows;
  for (const Piece& piece : pieces) {  // by top
    PieceLine* best = nullptr;
    for (std::size_t back = rows.size(); back > 0 && rows.size() - back < kRowsBack; --back) {
      PieceLine& row = rows[back - 1];
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
  for (PieceLine& row : rows) {
    std::stable_sort(row.begin(), row.end(),
                     [](const Piece* a, const Piece* b) { return a->left < b->left; });
  }
  return rows;
}

}  // namespace callslip
