#include "index/formats/office/sheet_grid.h"

#include <algorithm>
#include <utility>

namespace callslip {
namespace {

constexpr std::size_t max_cells = 10'000'000;
constexpr std::size_t max_kept = std::size_t{256} << 20;
constexpr std::size_t block_size = std::size_t{1} << 20;
constexpr std::uint32_t max_column = 65536;
// A row with longer gaps names its cells' columns instead.
constexpr std::size_t widest_gaps = 64;

}  // namespace

void SheetGrid::add(std::uint32_t row, std::uint32_t column, std::string_view text, bool is_text) {
  if (text.empty() || column >= max_column) return;
  if (cells_.size() >= max_cells || text.size() > max_kept) {
    full_ = true;
    return;
  }
  cells_.push_back({text.data(), static_cast<std::uint32_t>(text.size()), row,
                    static_cast<std::uint16_t>(column), is_text});
}

std::string_view SheetGrid::keep(std::string_view text) {
  kept_ += text.size();
  if (kept_ > max_kept) {
    full_ = true;
    return {};
  }
  if (text.size() > block_left_) {
    const std::size_t size = std::max(text.size(), block_size);
    blocks_.push_back(std::make_unique<char[]>(size));
    block_left_ = size;
    next_ = blocks_.back().get();
  }
  char* const copy = std::copy(text.begin(), text.end(), next_) - text.size();
  next_ += text.size();
  block_left_ -= text.size();
  return {copy, text.size()};
}

std::vector<SheetGrid::Row> SheetGrid::rows() const {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (rows.empty() || cells_[rows.back().first].row != cells_[i].row) rows.emplace_back(i, i);
    rows.back().second = i + 1;
  }
  return rows;
}

bool SheetGrid::all_text(Row row) const {
  for (std::size_t i = row.first; i < row.second; ++i) {
    if (!cells_[i].is_text || cells_[i].size > 200) return false;
  }
  return true;
}

/// Names of columns: two or more texts, and a row below, at most one empty row away; anywhere but
/// at the sheet's first table that row must hold something else than texts, or any text would do.
bool SheetGrid::begins_table(const std::vector<Row>& rows, std::size_t at, bool first) const {
  if (at + 1 >= rows.size() || rows[at].second - rows[at].first < 2 || !all_text(rows[at])) {
    return false;
  }
  const Row below = rows[at + 1];
  if (cells_[below.first].row > cells_[rows[at].first].row + 2) return false;
  return first || !all_text(below);
}

std::string SheetGrid::names_of(Row row) const {
  std::string names;
  for (std::size_t i = row.first; i < row.second; ++i) {
    if (i > row.first) names += " | ";
    names += clean_line(cells_[i].text());
  }
  return names;
}

std::string SheetGrid::line_of(Row row, const std::vector<std::uint32_t>& position) const {
  const std::size_t filled = row.second - row.first;
  const std::size_t last = position[cells_[row.second - 1].column];
  const bool sparse = last > widest_gaps + 5 * filled;
  std::string line;
  std::uint32_t at = 0;
  for (std::size_t i = row.first; i < row.second; ++i) {
    const Cell& cell = cells_[i];
    if (sparse) {
      if (i > row.first) line += '\t';
      line += column_letters(cell.column) + std::to_string(cell.row + 1) + ": ";
    } else {
      for (; at < position[cell.column]; ++at) line += '\t';
    }
    line += clean_line(cell.text());
  }
  return line;
}

void SheetGrid::write(std::string_view name, bool hidden, BlockWriter& out) {
  const auto before = [](const Cell& a, const Cell& b) {
    return a.row != b.row ? a.row < b.row : a.column < b.column;
  };
  if (!std::is_sorted(cells_.begin(), cells_.end(), before)) {
    std::stable_sort(cells_.begin(), cells_.end(), before);
  }
  // Where a column goes: those that are empty throughout are left out.
  std::vector<std::uint32_t> position;
  for (const Cell& cell : cells_) {
    if (cell.column >= position.size()) position.resize(cell.column + std::size_t{1}, 0);
    position[cell.column] = 1;
  }
  std::uint32_t used = 0;
  for (std::uint32_t& place : position) {
    const std::uint32_t is_used = place;
    place = used;
    used += is_used;
  }

  out.heading(1, std::string(name) + (hidden ? " (hidden)" : ""));
  const std::vector<Row> rows = this->rows();
  bool tables = false;
  std::uint32_t last_row = 0;
  for (std::size_t i = 0; i < rows.size() && !out.full(); ++i) {
    const std::uint32_t row = cells_[rows[i].first].row;
    const bool new_block = i == 0 || row != last_row + 1;
    if (new_block) out.gap();
    const bool narrow_above =
        i > 0 && rows[i - 1].second - rows[i - 1].first == 1 && row == last_row + 1;
    if ((new_block || (narrow_above && !tables)) && begins_table(rows, i, !tables)) {
      out.context(2, names_of(rows[i]));
      tables = true;
    }
    out.line(line_of(rows[i], position));
    last_row = row;
  }
}

bool parse_cell_reference(std::string_view reference, std::uint32_t& row, std::uint32_t& column) {
  std::uint64_t letters = 0;
  std::uint64_t digits = 0;
  std::size_t i = 0;
  for (; i < reference.size() && i < 4; ++i) {
    const char c = static_cast<char>(reference[i] & ~0x20);
    if (c < 'A' || c > 'Z') break;
    letters = letters * 26 + static_cast<std::uint64_t>(c - 'A' + 1);
  }
  const std::size_t first_digit = i;
  for (; i < reference.size() && reference[i] >= '0' && reference[i] <= '9'; ++i) {
    digits = digits * 10 + static_cast<std::uint64_t>(reference[i] - '0');
    if (digits > 0xFFFFFFFF) return false;
  }
  if (first_digit == 0 || i == first_digit || i != reference.size() || digits == 0) return false;
  row = static_cast<std::uint32_t>(digits - 1);
  column = static_cast<std::uint32_t>(letters - 1);
  return true;
}

std::string column_letters(std::uint32_t column) {
  std::string letters;
  for (std::uint64_t rest = std::uint64_t{column} + 1; rest > 0; rest = (rest - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
  }
  return letters;
}

}  // namespace callslip
