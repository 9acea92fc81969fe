// OpcPackage: what DOCX, PPTX and XLSX share (ECMA-376 part 2): parts, their relationships, and the
// document's properties.
//
// Belongs to one thread. The ZipPackage must outlive it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "index/formats/office/xml_tree.h"
#include "index/formats/office/zip_package.h"
#include "index/result.h"

namespace callslip {

struct OpcRelation {
  std::string type;    // the last segment of its URI: "slide", "sharedStrings", ...
  std::string target;  // a part's key; empty for what is outside
};

/// By relationship id.
using OpcRelations = std::map<std::string, OpcRelation, std::less<>>;

class OpcPackage {
 public:
  explicit OpcPackage(const ZipPackage& zip) : zip_(zip) {}

  /// The part that the package is about, "word/document.xml"; empty if none is named.
  std::string main_part() const;

  /// The relationships of a part; of the package for "". Empty if there are none.
  OpcRelations relations(std::string_view part) const;

  /// The part that the relation leads to, or "".
  static std::string target_of(const OpcRelations& relations, std::string_view id);
  /// The first part of that type, or "".
  static std::string target_of_type(const OpcRelations& relations, std::string_view type);

  /// Error: there is no such part, or it is damaged; with `problem` as XmlTree::parse.
  Result<XmlTree> tree(std::string_view part, std::string* problem = nullptr) const;

  /// The title in the document's properties, unless it is one that programs make up.
  std::string title() const;

 private:
  const ZipPackage& zip_;
};

/// Whether a title says nothing: "Document1", "PowerPoint Presentation", "Microsoft Word - x.doc".
bool is_made_up_title(std::string_view title);

}  // namespace callslip
