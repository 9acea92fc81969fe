#include "index/formats/office/docx_styles.h"

#include <utility>

#include "index/formats/text_document.h"

namespace callslip {
namespace {

constexpr int deepest_inheritance = 32;

/// "heading 3", "Heading3", "Überschrift 3": 3. Built-in styles have their English name in w:name.
int heading_of_name(std::string_view name) {
  const std::string lower = ascii_lower(name);
  constexpr std::string_view word = "heading";
  if (!lower.starts_with(word) || lower.size() > word.size() + 2) return 0;
  const std::string_view number = trimmed(std::string_view(lower).substr(word.size()));
  return number.size() == 1 && number[0] >= '1' && number[0] <= '9' ? number[0] - '0' : 0;
}

}  // namespace

DocxStyles::DocxStyles(pugi::xml_node root) {
  std::map<std::string, pugi::xml_node, std::less<>> nodes;
  for (const pugi::xml_node node : root.children()) {
    if (is_named(node, "style")) nodes.emplace(attribute(node, "styleId"), node);
  }
  for (const auto& [id, node] : nodes) {
    DocxParagraphStyle style;
    bool outline_known = false;
    bool list_known = false;
    bool level_known = false;
    bool hidden_known = false;
    pugi::xml_node at = node;
    for (int i = 0; at && i < deepest_inheritance; ++i) {
      const std::string_view name = attribute(child_named(at, "name"), "val");
      const pugi::xml_node properties = child_named(at, "pPr");
      if (const pugi::xml_node outline = child_named(properties, "outlineLvl");
          outline && !outline_known) {
        const int level = to_int(attribute(outline, "val"), 9, 0, 9);
        style.outline = level < 9 ? level + 1 : 0;
        outline_known = true;
      }
      if (!outline_known && heading_of_name(name) > 0) {
        style.outline = heading_of_name(name);
        outline_known = true;
      }
      if (i == 0 && ascii_lower(name) == "title") style.title = true;
      if (const pugi::xml_node list = descend(properties, "numPr/numId"); list && !list_known) {
        style.list = attribute(list, "val");
        list_known = true;
      }
      if (const pugi::xml_node level = descend(properties, "numPr/ilvl"); level && !level_known) {
        style.list_level = to_int(attribute(level, "val"), 0, 0, 8);
        level_known = true;
      }
      if (const pugi::xml_node vanish = descend(at, "rPr/vanish"); vanish && !hidden_known) {
        style.hidden = is_on(vanish);
        hidden_known = true;
      }
      const auto base = nodes.find(attribute(child_named(at, "basedOn"), "val"));
      at = base == nodes.end() ? pugi::xml_node() : base->second;
    }
    if (style.list == "0") style.list.clear();
    const std::string_view is_default = attribute(node, "default");
    if (attribute(node, "type") == "paragraph" && (is_default == "1" || is_default == "true")) {
      default_ = style;
    }
    styles_.emplace(id, std::move(style));
  }
}

const DocxParagraphStyle& DocxStyles::paragraph(std::string_view id) const {
  const auto found = styles_.find(id);
  return found == styles_.end() ? default_ : found->second;
}

}  // namespace callslip
