// PptxPlaces: where the shapes of a slide lie, which placeholders inherit from the slide's layout
// and its master.
//
// Belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <vector>

#include "index/formats/office/opc_package.h"

namespace callslip {

class PptxPlaces {
 public:
  PptxPlaces() = default;
  PptxPlaces(const OpcPackage& package, const OpcRelations& slide);

  /// The children of a shape tree or group, from top to bottom and from left to right. What has no
  /// place stays where it is in the file, behind the shape before it.
  std::vector<pugi::xml_node> in_reading_order(pugi::xml_node shapes) const;

 private:
  struct Place {
    std::int64_t top = 0;  // in EMU, 914,400 an inch
    std::int64_t left = 0;
  };

  void take(pugi::xml_node shapes);
  std::optional<Place> place_of(pugi::xml_node shape) const;

  std::map<std::string, Place> by_index_;  // of placeholders
  std::map<std::string, Place> by_type_;
};

}  // namespace callslip
