// DocxInline: what stands in a paragraph of a DOCX document: its text, and what is anchored in it.
//
// Belongs to one thread; holds nodes of the tree that it read.
#pragma once

#include <pugixml.hpp>
#include <string>
#include <vector>

#include "index/formats/office/docx_styles.h"

namespace callslip {

class DocxInline {
 public:
  explicit DocxInline(const DocxStyles& styles) : styles_(styles) {}

  /// Reads the runs below a node: a paragraph, a hyperlink, ... Deleted and hidden text is left
  /// out.
  void read(pugi::xml_node node);

  struct Note {
    pugi::xml_node reference;  // footnoteReference or endnoteReference
    std::size_t offset = 0;    // in `text`, where its mark goes
  };

  std::string text;
  std::vector<Note> notes;
  std::vector<pugi::xml_node> boxes;     // txbxContent
  std::vector<pugi::xml_node> drawings;  // with a chart or a diagram

 private:
  void run(pugi::xml_node node);
  void piece(pugi::xml_node node);
  void drawing(pugi::xml_node node);

  const DocxStyles& styles_;
};

/// Of mc:AlternateContent: the newest form that has content.
pugi::xml_node alternate_content(pugi::xml_node node);

}  // namespace callslip
