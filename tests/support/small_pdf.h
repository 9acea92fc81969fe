// SmallPdf: PDFs made for a test: lines of text at their places, pages, an outline.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace callslip {

class SmallPdf {
 public:
  struct Line {
    int x = 72;
    int y = 720;  // from the bottom
    std::string text;
    int size = 12;
  };

  explicit SmallPdf(std::string title = "") : title_(std::move(title)) {}

  SmallPdf& page(std::vector<Line> lines) {
    pages_.push_back(std::move(lines));
    return *this;
  }

  /// In a font of bitmaps (Type 3) without a name, whose letters are half as wide as it is large
  /// but for an `a`, from which one would guess twice the size.
  SmallPdf& in_bitmaps() {
    font_ =
        "<</Type/Font/Subtype/Type3/FontBBox[0 0 0 0]/FontMatrix[.001 0 0 .001 0 0]/CharProcs<<>>"
        "/FirstChar 97/LastChar 122/Encoding<</Differences[97";
    for (char c = 'a'; c <= 'z'; ++c) font_ += std::string("/") + (c == 'm' ? 'a' : c);
    font_ += "]>>/Widths[1000";
    for (char c = 'b'; c <= 'z'; ++c) font_ += " 500";
    font_ += "]>>";
    return *this;
  }

  /// A bookmark to a page, from 0.
  SmallPdf& bookmark(std::string title, std::size_t page) {
    bookmarks_.emplace_back(std::move(title), page);
    return *this;
  }

  std::string bytes() const {
    std::vector<std::string> objects(4 + 2 * pages_.size() + bookmarks_.size() + 1);
    const auto page_number = [](std::size_t i) { return std::to_string(5 + 2 * i); };
    const std::size_t first_bookmark = 5 + 2 * pages_.size();
    std::string kids;
    for (std::size_t i = 0; i < pages_.size(); ++i) kids += page_number(i) + " 0 R ";
    objects[0] = "<</Type/Catalog/Pages 2 0 R" +
                 std::string(bookmarks_.empty() ? "" : "/Outlines 4 0 R") + ">>";
    objects[1] = "<</Type/Pages/Kids[" + kids + "]/Count " + std::to_string(pages_.size()) + ">>";
    objects[2] = font_;
    objects[3] = bookmarks_.empty()
                     ? "<<>>"
                     : "<</Type/Outlines/First " + std::to_string(first_bookmark) + " 0 R/Last " +
                           std::to_string(first_bookmark + bookmarks_.size() - 1) + " 0 R/Count " +
                           std::to_string(bookmarks_.size()) + ">>";
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      std::string content;
      for (const Line& line : pages_[i]) {
        content += "BT /F " + std::to_string(line.size) + " Tf " + std::to_string(line.x) + " " +
                   std::to_string(line.y) + " Td (" + line.text + ") Tj ET\n";
      }
      objects[4 + 2 * i] =
          "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F 3 0 R>>>>"
          "/Contents " +
          std::to_string(6 + 2 * i) + " 0 R>>";
      objects[5 + 2 * i] =
          "<</Length " + std::to_string(content.size()) + ">>stream\n" + content + "endstream";
    }
    for (std::size_t i = 0; i < bookmarks_.size(); ++i) {
      std::string links;
      if (i > 0) links += "/Prev " + std::to_string(first_bookmark + i - 1) + " 0 R";
      if (i + 1 < bookmarks_.size()) {
        links += "/Next " + std::to_string(first_bookmark + i + 1) + " 0 R";
      }
      objects[first_bookmark - 1 + i] = "<</Title(" + bookmarks_[i].first + ")/Parent 4 0 R/Dest[" +
                                        page_number(bookmarks_[i].second) + " 0 R/Fit]" + links +
                                        ">>";
    }
    objects.back() = "<</Title(" + title_ + ")>>";
    std::string out = "%PDF-1.4\n";
    std::string table = "xref\n0 " + std::to_string(objects.size() + 1) + "\n0000000000 65535 f \n";
    for (std::size_t i = 0; i < objects.size(); ++i) {
      std::string offset = std::to_string(out.size());
      table += std::string(10 - offset.size(), '0') + offset + " 00000 n \n";
      out += std::to_string(i + 1) + " 0 obj" + objects[i] + "\nendobj\n";
    }
    const std::string start = std::to_string(out.size());
    return out + table + "trailer<</Root 1 0 R/Size " + std::to_string(objects.size() + 1) +
           "/Info " + std::to_string(objects.size()) + " 0 R>>\nstartxref\n" + start + "\n%%EOF\n";
  }

 private:
  std::string title_;
  std::string font_ = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>";
  std::vector<std::vector<Line>> pages_;
  std::vector<std::pair<std::string, std::size_t>> bookmarks_;
};

}  // namespace callslip
