// XmlTree: one XML part as a tree (pugixml), and how its nodes are asked about.
//
// Immutable after parse(); belongs to whoever made it. Names are compared without their namespace's
// prefix, which is for each writer to choose. There is no DTD, so no entity can expand. A tree is
// at most 512 deep (readers may recurse) and has at most 12 million elements and attributes.
#pragma once

#include <cstddef>
#include <memory>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "index/result.h"

namespace callslip {

/// Whether text between elements counts where it is nothing but white space.
enum class XmlSpace { alone, everywhere };  // alone: if it is all that is in an element

class XmlTree {
 public:
  /// Errors: ErrorKind::unsupported, "damaged XML (at byte 120 of word/document.xml)". With
  /// `problem` the part that comes before the damage is a tree, and the error's message is put
  /// there.
  static Result<XmlTree> parse(std::string text, std::string_view part,
                               XmlSpace space = XmlSpace::alone, std::string* problem = nullptr);

  /// The root element.
  pugi::xml_node root() const { return document_->document_element(); }

 private:
  std::string text_;  // the nodes' names and values point into it
  std::unique_ptr<pugi::xml_document> document_;
};

/// "p" for <w:p>; empty for what is not an element.
std::string_view local_name(pugi::xml_node node);

inline bool is_named(pugi::xml_node node, std::string_view name) {
  return local_name(node) == name;
}

/// The first child element of that name, or a null node.
pugi::xml_node child_named(pugi::xml_node node, std::string_view name);

/// A path of child elements, "pPr/numPr/ilvl".
pugi::xml_node descend(pugi::xml_node node, std::string_view path);

/// The attribute's value, whatever its prefix; empty if there is none.
std::string_view attribute(pugi::xml_node node, std::string_view name);

/// The value of r:id and the like: an attribute with a prefix only.
std::string_view prefixed_attribute(pugi::xml_node node, std::string_view name);

/// A whole number at the beginning of the text, within bounds; `fallback` if there is none.
int to_int(std::string_view text, int fallback, int least, int most);

/// <w:b/>, <w:b w:val="true"/>: on; "0", "false", "off" and a missing node: off.
bool is_on(pugi::xml_node node);

/// All character data below the node, in order.
std::string all_text(pugi::xml_node node);

}  // namespace callslip
