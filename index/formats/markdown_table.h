// MarkdownTable: rows of cells, written as a Markdown table.
//
// Belongs to one thread. Cells are one line each; a '|' in a cell stays as it is, so that the text
// is the document's. At most 256 columns: a row's further cells are appended to its last.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace callslip {

class MarkdownTable {
 public:
  void begin_row() { rows_.emplace_back(); }

  /// Adds a cell to the last row, and `span - 1` empty ones.
  void cell(std::string_view text, int span = 1);

  std::size_t rows() const { return rows_.size(); }

  /// The text of the only cell that holds any; null unless there is exactly one.
  const std::string* only_cell() const;

  /// "| a | b |\n| --- | --- |\n| 1 | 2 |", empty rows and the columns that are empty throughout
  /// left out; empty if there is no text.
  std::string markdown() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace callslip
