#include "index/formats/markdown_table.h"

#include <algorithm>

#include "index/formats/block_writer.h"

namespace callslip {
namespace {

constexpr std::size_t max_columns = 256;
constexpr int max_span = 63;

bool is_empty_row(const std::vector<std::string>& row) {
  return std::all_of(row.begin(), row.end(), [](const std::string& cell) { return cell.empty(); });
}

}  // namespace

void MarkdownTable::cell(std::string_view text, int span) {
  if (rows_.empty()) begin_row();
  std::vector<std::string>& row = rows_.back();
  std::string line = clean_line(text);
  if (row.size() >= max_columns) {
    if (!line.empty()) row.back() += (row.back().empty() ? "" : " ") + line;
    return;
  }
  row.push_back(std::move(line));
  const auto more = static_cast<std::size_t>(std::clamp(span, 1, max_span) - 1);
  row.resize(std::min(row.size() + more, max_columns));
}

const std::string* MarkdownTable::only_cell() const {
  const std::string* only = nullptr;
  for (const auto& row : rows_) {
    for (const std::string& cell : row) {
      if (cell.empty()) continue;
      if (only != nullptr) return nullptr;
      only = &cell;
    }
  }
  return only;
}

std::string MarkdownTable::markdown() const {
  std::size_t width = 0;
  for (const auto& row : rows_) width = std::max(width, row.size());
  std::vector<bool> used(width, false);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) used[i] = used[i] || !row[i].empty();
  }
  std::string out;
  bool first = true;
  for (const auto& row : rows_) {
    if (is_empty_row(row)) continue;
    if (!out.empty()) out += '\n';
    out += '|';
    std::string rule = "|";
    // The first row has to be as wide as any; others need not, and must not cost more than they
    // hold.
    for (std::size_t i = 0; i < (first ? width : row.size()); ++i) {
      if (!used[i]) continue;
      out += ' ';
      if (i < row.size() && !row[i].empty()) out += row[i] + ' ';
      out += '|';
      if (first) rule += " --- |";
    }
    if (first) out += '\n' + rule;
    first = false;
  }
  return out;
}

}  // namespace callslip
