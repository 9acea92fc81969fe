// DocxNumbering: the numbers and bullets of a DOCX document's lists (word/numbering.xml).
//
// Belongs to one thread: next() counts. The numbers are those that Word shows.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "index/formats/list_number.h"
#include "index/formats/office/xml_tree.h"

namespace callslip {

class DocxNumbering {
 public:
  static constexpr int levels = 9;

  DocxNumbering() = default;
  /// `root`: the root of numbering.xml, not needed afterwards.
  explicit DocxNumbering(pugi::xml_node root);

  struct Marker {
    std::string text;  // "1.2.", "a)"; "-" for a bullet; empty for a level that shows none
    bool bullet = false;
  };

  /// Counts a paragraph of that list and level and says what stands in front of it.
  Marker next(std::string_view list, int level);

  /// The level of the list that belongs to a paragraph style, or `fallback`.
  int level_of_style(std::string_view list, std::string_view style, int fallback) const;

 private:
  struct Level {
    int start = 1;
    int restart = -1;  // the level (1-based) whose paragraphs restart it; 0: none; -1: any above
    std::string format = "decimal";
    std::string text;
    std::string style;   // the paragraph style whose paragraphs are of this level
    bool legal = false;  // numbers of all levels as decimals
  };
  struct Abstract {
    std::array<Level, levels> level;
    std::array<int, levels> count{};
    std::array<bool, levels> running{};
    std::string style_link;  // defined by the list that another abstract one is the style of
    std::string style;
  };
  struct List {
    std::string abstract;
    std::array<int, levels> start{};  // overrides; -1: none
    std::array<bool, levels> overridden{};
    std::array<Level, levels> level;
  };

  static Level read_level(pugi::xml_node node);
  const Level& level_of(const List& list, const Abstract& abstract, int level) const;

  std::map<std::string, Abstract, std::less<>> abstracts_;
  std::map<std::string, List, std::less<>> lists_;
};

}  // namespace callslip
