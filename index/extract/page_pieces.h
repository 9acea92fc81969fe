// PagePieces: the words of a page that stand next to each other, and the rows that these make.
//
// Pure functions: any thread. Pieces point to the words they are made of. Units are points.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "index/extract/page_layout.h"

namespace callslip {

constexpr double kTouch = 1.0;  // points that two may overlap and be side by side

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

using Pieces = std::vector<Piece>;

/// Pieces that stand on one line, from left to right.
using PieceLine = std::vector<const Piece*>;

/// Whether they share enough of their heights.
template <class A, class B>
bool on_one_line(const A& a, const B& b) {
  constexpr double kSameLine = 0.5;  // of the lower height
  const double shared = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const double lower = std::min(a.bottom - a.top, b.bottom - b.top);
  return shared > kSameLine * lower;
}

void add_word(Piece& piece, const PageWord& word);

/// In the order of the words.
Pieces pieces_of(const std::vector<PageWord>& words);

/// For sorting: the higher first.
bool by_top(const Piece& a, const Piece& b);

/// From top to bottom, whatever stands side by side on one line. The pieces are sorted by top.
std::vector<PieceLine> rows_of(const Pieces& pieces);

}  // namespace callslip
