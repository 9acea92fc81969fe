// DocxStyles: what the paragraph styles of a DOCX document say of outline and lists
// (word/styles.xml), inheritance resolved.
//
// Immutable: any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "index/formats/office/xml_tree.h"

namespace callslip {

struct DocxParagraphStyle {
  int outline = 0;      // 1 to 9; 0: body text
  bool title = false;   // the document's title
  bool hidden = false;  // its text is not shown
  std::string list;     // numId; empty: none
  int list_level = 0;
};

class DocxStyles {
 public:
  DocxStyles() = default;
  explicit DocxStyles(pugi::xml_node root);

  /// That of a paragraph without w:pStyle for "".
  const DocxParagraphStyle& paragraph(std::string_view id) const;

  /// Whether text in that character style is hidden.
  bool hides(std::string_view id) const { return paragraph(id).hidden; }

 private:
  std::map<std::string, DocxParagraphStyle, std::less<>> styles_;
  DocxParagraphStyle default_;
};

}  // namespace callslip
