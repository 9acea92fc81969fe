// DocProperties: what a Word 97 to 2003 file says of ranges of its bytes (MS-DOC, "PlcBteChpx",
// "PlcBtePapx"): which are deleted or hidden, which paragraphs are headings or end a table's row.
//
// Immutable; belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

namespace callslip {

class DocProperties {
 public:
  struct Paragraph {
    std::uint16_t style = 0;  // 1 to 9: headings
    int outline = -1;         // 0 to 8: a heading by itself
    bool in_table = false;
    bool ends_row = false;
  };

  /// `document`, `table`: the streams.
  DocProperties(std::string_view document, std::string_view table);

  /// Of the character or paragraph at that offset of the document stream.
  bool is_hidden(std::uint32_t offset) const;
  Paragraph paragraph(std::uint32_t offset) const;

 private:
  void load_characters(std::string_view document, std::string_view list);
  void load_paragraphs(std::string_view document, std::string_view list);

  std::map<std::uint32_t, bool> hidden_;  // from that offset on
  std::map<std::uint32_t, Paragraph> paragraphs_;
};

}  // namespace callslip
