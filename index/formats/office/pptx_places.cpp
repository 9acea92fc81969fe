#include "index/formats/office/pptx_places.h"

#include <algorithm>
#include <cstdlib>

namespace callslip {
namespace {

// What begins within a twentieth of an inch lies in one row.
constexpr std::int64_t row_tolerance = 914'400 / 20;

pugi::xml_node offset_of(pugi::xml_node shape) {
  for (const pugi::xml_node child : shape.children()) {
    if (is_named(child, "xfrm")) return child_named(child, "off");  // a graphicFrame's
    if (is_named(child, "spPr") || is_named(child, "grpSpPr")) {
      if (const pugi::xml_node off = descend(child, "xfrm/off")) return off;
    }
  }
  return {};
}

pugi::xml_node placeholder_of(pugi::xml_node shape) {
  for (const pugi::xml_node child : shape.children()) {
    if (local_name(child).starts_with("nv")) return descend(child, "nvPr/ph");
  }
  return {};
}

std::int64_t number(pugi::xml_node node, std::string_view name) {
  return std::strtoll(std::string(attribute(node, name)).c_str(), nullptr, 10);
}

/// The titles of slides and the bodies of their masters go by several names.
std::string kind_of(pugi::xml_node placeholder) {
  const std::string_view type = attribute(placeholder, "type");
  if (type == "ctrTitle") return "title";
  if (type.empty() || type == "obj" || type == "subTitle") return "body";
  return std::string(type);
}

}  // namespace

PptxPlaces::PptxPlaces(const OpcPackage& package, const OpcRelations& slide) {
  const std::string layout = OpcPackage::target_of_type(slide, "slideLayout");
  if (layout.empty()) return;
  const Result<XmlTree> tree = package.tree(layout);
  if (tree) take(descend(tree->root(), "cSld/spTree"));
  const std::string master = OpcPackage::target_of_type(package.relations(layout), "slideMaster");
  const Result<XmlTree> master_tree = package.tree(master);
  if (master_tree) take(descend(master_tree->root(), "cSld/spTree"));
}

void PptxPlaces::take(pugi::xml_node shapes) {
  for (const pugi::xml_node shape : shapes.children()) {
    const pugi::xml_node placeholder = placeholder_of(shape);
    const pugi::xml_node off = offset_of(shape);
    if (!placeholder || !off) continue;
    const Place place{number(off, "y"), number(off, "x")};
    const std::string index(attribute(placeholder, "idx"));
    if (!index.empty()) by_index_.emplace(index, place);
    by_type_.emplace(kind_of(placeholder), place);
  }
}

std::optional<PptxPlaces::Place> PptxPlaces::place_of(pugi::xml_node shape) const {
  if (const pugi::xml_node off = offset_of(shape)) return Place{number(off, "y"), number(off, "x")};
  const pugi::xml_node placeholder = placeholder_of(shape);
  if (!placeholder) return std::nullopt;
  const auto by_index = by_index_.find(std::string(attribute(placeholder, "idx")));
  if (by_index != by_index_.end()) return by_index->second;
  const auto by_type = by_type_.find(kind_of(placeholder));
  return by_type == by_type_.end() ? std::nullopt : std::optional(by_type->second);
}

std::vector<pugi::xml_node> PptxPlaces::in_reading_order(pugi::xml_node shapes) const {
  struct Item {
    pugi::xml_node node;
    Place place;
  };
  std::vector<Item> items;
  Place last{INT64_MIN, INT64_MIN};
  for (const pugi::xml_node shape : shapes.children()) {
    if (local_name(shape).empty()) continue;
    last = place_of(shape).value_or(last);
    items.push_back({shape, last});
  }
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) { return a.place.top < b.place.top; });
  // Rows: what begins about as high as the row's first shape.
  for (auto row = items.begin(); row != items.end();) {
    auto end = row;
    while (end != items.end() &&
           (end->place.top == row->place.top || end->place.top < row->place.top + row_tolerance)) {
      ++end;
    }
    std::stable_sort(row, end,
                     [](const Item& a, const Item& b) { return a.place.left < b.place.left; });
    row = end;
  }
  std::vector<pugi::xml_node> nodes;
  nodes.reserve(items.size());
  for (const Item& item : items) nodes.push_back(item.node);
  return nodes;
}

}  // namespace callslip
