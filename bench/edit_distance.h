// EditDistance: Levenshtein's distance of long texts. Pure functions.
//
// The distance is E. Ukkonen's banded one ("Algorithms for Approximate String Matching", 1985): the
// band widens until the distance fits, so that equal texts cost a single pass. The place of a short
// text in a long one is found by P. Sellers' variant ("The Theory and Computation of Evolutionary
// Distances", 1980).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

namespace callslip {

/// In the text, not in the reference: a hyphen at a line end, which is one of the word's or not. It
/// costs nothing where the reference has a hyphen, or nothing.
constexpr char32_t kLineHyphen = 0xE000;

inline std::uint32_t cost_of_change(char32_t a, char32_t b) {
  return a == b || (a == kLineHyphen && b == U'-') ? 0 : 1;
}

/// The distance if it is at most `most`.
inline std::optional<std::size_t> distance_within(std::u32string_view a, std::u32string_view b,
                                                  std::size_t most) {
  const auto n = static_cast<std::ptrdiff_t>(a.size());
  const auto m = static_cast<std::ptrdiff_t>(b.size());
  const auto band = static_cast<std::ptrdiff_t>(most);
  if (std::abs(n - m) > band) return std::nullopt;
  const std::uint32_t far = UINT32_MAX / 2;
  std::vector<std::uint32_t> row(static_cast<std::size_t>(2 * band + 3), far);
  const auto at = [&](std::ptrdiff_t diagonal) -> std::uint32_t& {
    return row[static_cast<std::size_t>(diagonal + band + 1)];
  };
  for (std::ptrdiff_t i = 0; i <= n; ++i) {
    at(-band - 1) = at(band + 1) = far;
    const char32_t before = i > 0 ? a[static_cast<std::size_t>(i - 1)] : U'\0';
    const std::uint32_t cost_of_loss = before == kLineHyphen ? 0 : 1;
    for (std::ptrdiff_t d = std::max(-band, -i); d <= std::min(band, m - i); ++d) {
      const std::ptrdiff_t j = i + d;
      if (i == 0) {
        at(d) = static_cast<std::uint32_t>(j);
        continue;
      }
      std::uint32_t best = at(d + 1) + cost_of_loss;  // a character of `a` is missing
      if (j > 0) {
        best = std::min(best, at(d) + cost_of_change(before, b[static_cast<std::size_t>(j - 1)]));
        best = std::min(best, at(d - 1) + 1);
      }
      at(d) = best;
    }
  }
  const std::uint32_t found = at(m - n);
  return found <= most ? std::optional<std::size_t>(found) : std::nullopt;
}

inline std::size_t edit_distance(std::u32string_view a, std::u32string_view b) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
  const std::size_t longest = std::max(a.size(), b.size());
  if (a.empty() || b.empty()) return longest;
  // A band beyond this costs minutes; such texts have little in common anyway.
  constexpr std::size_t widest = 20'000;
  for (std::size_t band = 16; band < 2 * widest; band *= 4) {
    if (const auto found = distance_within(a, b, std::min(band, widest))) return *found;
  }
  return longest;
}

/// Where in a text another stands, or what is most like it.
struct Occurrence {
  std::size_t start = 0;
  std::size_t end = 0;
  std::size_t distance = 0;
};

inline Occurrence find_alike(std::u32string_view text, std::u32string_view wanted) {
  struct Cell {
    std::uint32_t distance = 0;
    std::uint32_t start = 0;
  };
  std::vector<Cell> column(wanted.size() + 1);
  for (std::size_t j = 0; j <= wanted.size(); ++j) column[j] = {static_cast<std::uint32_t>(j), 0};
  Occurrence best{0, 0, wanted.size()};
  for (std::size_t i = 0; i < text.size(); ++i) {
    Cell diagonal = column[0];
    column[0] = {0, static_cast<std::uint32_t>(i + 1)};
    for (std::size_t j = 1; j <= wanted.size(); ++j) {
      Cell cell = {diagonal.distance + cost_of_change(text[i], wanted[j - 1]), diagonal.start};
      diagonal = column[j];
      const std::uint32_t loss = text[i] == kLineHyphen ? 0 : 1;
      if (column[j].distance + loss < cell.distance) {
        cell = {column[j].distance + loss, column[j].start};
      }
      if (column[j - 1].distance + 1 < cell.distance) {
        cell = {column[j - 1].distance + 1, column[j - 1].start};
      }
      column[j] = cell;
    }
    if (column.back().distance < best.distance) {
      best = {column.back().start, i + 1, column.back().distance};
    }
  }
  return best;
}

}  // namespace callslip
