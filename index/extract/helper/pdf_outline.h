// The outline of a PDF: its bookmarks with their pages, by qpdf (poppler-cpp knows no pages of
// bookmarks). One thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace callslip {

struct OutlineEntry {
  std::string title;     // UTF-8, one line
  int level = 1;         // 1 is the highest
  std::size_t page = 0;  // from 0
};

/// In the outline's order; empty where there is none, or it cannot be read.
std::vector<OutlineEntry> read_outline(const std::string& pdf, const std::string& password);

}  // namespace callslip
