// SheetGrid: the cells of one sheet that hold something, and the sheet as text: a row a line, cells
// parted by tabs.
//
// Belongs to one thread. Cells' texts are the caller's and must outlive it, or are given to keep().
// At most 10 million cells and 256 MiB of kept texts. Empty rows and unused columns cost nothing,
// wherever the cells are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/formats/block_writer.h"

namespace callslip {

class SheetGrid {
 public:
  /// Row and column from 0. `is_text`: not a number, a date or the like.
  void add(std::uint32_t row, std::uint32_t column, std::string_view text, bool is_text);

  /// Copies a text, to refer to as long as the grid lives.
  std::string_view keep(std::string_view text);

  bool full() const { return full_; }
  bool empty() const { return cells_.empty(); }

  /// Writes the sheet: its name as a heading; of each block of rows (they are parted by empty rows)
  /// the row of column names, if it has one, as a heading of what is below it.
  void write(std::string_view name, bool hidden, BlockWriter& out);

 private:
  struct Cell {
    const char* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t row = 0;
    std::uint16_t column = 0;
    bool is_text = false;

    std::string_view text() const { return {data, size}; }
  };
  using Row = std::pair<std::size_t, std::size_t>;  // a range of cells_

  std::vector<Row> rows() const;
  bool all_text(Row row) const;
  bool begins_table(const std::vector<Row>& rows, std::size_t at, bool first) const;
  std::string names_of(Row row) const;
  std::string line_of(Row row, const std::vector<std::uint32_t>& position) const;

  std::vector<Cell> cells_;
  std::vector<std::unique_ptr<char[]>> blocks_;  // of kept texts
  char* next_ = nullptr;                         // in the last block
  std::size_t block_left_ = 0;
  std::size_t kept_ = 0;
  bool full_ = false;
};

/// The cell's row and column, from 0, of a reference such as "AB12". False if it is none.
bool parse_cell_reference(std::string_view reference, std::uint32_t& row, std::uint32_t& column);

/// "AB" for 27.
std::string column_letters(std::uint32_t column);

}  // namespace callslip
