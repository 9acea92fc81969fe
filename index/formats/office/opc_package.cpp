#include "index/formats/office/opc_package.h"

#include <utility>

#include "index/formats/text_document.h"

namespace callslip {

std::string OpcPackage::main_part() const {
  const OpcRelations all = relations("");
  std::string part = target_of_type(all, "officeDocument");
  if (!part.empty() && zip_.find(part) != nullptr) return part;
  for (const std::string_view usual :
       {"word/document.xml", "ppt/presentation.xml", "xl/workbook.xml"}) {
    if (zip_.find(usual) != nullptr) return std::string(usual);
  }
  return part;
}

OpcRelations OpcPackage::relations(std::string_view part) const {
  const std::size_t slash = part.rfind('/');
  const std::size_t name = slash == part.npos ? 0 : slash + 1;
  const std::string file =
      std::string(part.substr(0, name)) + "_rels/" + std::string(part.substr(name)) + ".rels";
  OpcRelations relations;
  const Result<XmlTree> tree = this->tree(file);
  if (!tree) return relations;
  for (const pugi::xml_node node : tree->root().children()) {
    if (!is_named(node, "Relationship")) continue;
    const std::string_view type = attribute(node, "Type");
    OpcRelation relation;
    relation.type = type.substr(type.rfind('/') + 1);
    if (attribute(node, "TargetMode") != "External") {
      relation.target = resolve_part(part, attribute(node, "Target"));
    }
    relations.emplace(attribute(node, "Id"), std::move(relation));
  }
  return relations;
}

std::string OpcPackage::target_of(const OpcRelations& relations, std::string_view id) {
  const auto found = relations.find(id);
  return found == relations.end() ? std::string() : found->second.target;
}

std::string OpcPackage::target_of_type(const OpcRelations& relations, std::string_view type) {
  for (const auto& [id, relation] : relations) {
    if (relation.type == type && !relation.target.empty()) return relation.target;
  }
  return {};
}

Result<XmlTree> OpcPackage::tree(std::string_view part, std::string* problem) const {
  const std::string* text = zip_.find(part);
  if (text == nullptr) {
    return Error{ErrorKind::unsupported, "damaged: it has no part " + std::string(part)};
  }
  return XmlTree::parse(*text, part, XmlSpace::alone, problem);
}

std::string OpcPackage::title() const {
  std::string part = target_of_type(relations(""), "core-properties");
  if (part.empty()) part = "docprops/core.xml";
  if (zip_.find(part) == nullptr) return {};
  const Result<XmlTree> properties = tree(part);
  if (!properties) return {};
  std::string title = clean_heading(all_text(child_named(properties->root(), "title")));
  return is_made_up_title(title) ? std::string() : title;
}

bool is_made_up_title(std::string_view title) {
  const std::string lower = ascii_lower(trimmed(title));
  if (lower.empty() || lower == "title" || lower == "untitled") return true;
  for (const std::string_view start :
       {"microsoft word - ", "microsoft powerpoint - ", "powerpoint presentation", "slide 1",
        "powerpoint-pr", "no slide title", "word document"}) {
    if (lower.starts_with(start)) return true;
  }
  for (const std::string_view stem : {"document", "presentation", "book", "workbook"}) {
    if (lower.starts_with(stem) &&
        lower.find_first_not_of("0123456789", stem.size()) == lower.npos) {
      return true;
    }
  }
  return false;
}

}  // namespace callslip
