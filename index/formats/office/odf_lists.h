// OdfLists: the numbers and bullets of an OpenDocument file's lists and outline.
//
// Belongs to one thread: it counts.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "index/formats/office/xml_tree.h"

namespace callslip {

class OdfLists {
 public:
  static constexpr int levels = 10;

  /// Adds the list styles below a node (office:styles, office:automatic-styles).
  void add_styles(pugi::xml_node node);

  /// A list begins: its outermost level's counter starts again unless it continues.
  void begin(std::string_view style, int level, bool continues);

  /// Counts an item and says what stands in front of it: "2.1.", "-"; empty: nothing.
  std::string next(std::string_view style, int level, int start_value);

  /// The number of a heading, empty unless the document numbers its headings.
  std::string next_heading(int level);

 private:
  struct Level {
    bool bullet = true;
    std::string format;  // "1", "a", "A", "i", "I"; empty: none is shown
    std::string prefix;
    std::string suffix;
    int shown = 1;  // how many levels' numbers
    int start = 1;
  };
  struct Style {
    std::array<Level, levels> level;
    std::array<int, levels> count{};
  };

  static std::string number(const Level& level, int count);
  static std::string advance(Style& style, int level, int start_value);

  std::map<std::string, Style, std::less<>> styles_;
  Style outline_;
  bool has_outline_ = false;
};

}  // namespace callslip
