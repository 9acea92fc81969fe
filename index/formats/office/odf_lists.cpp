#include "index/formats/office/odf_lists.h"

#include <algorithm>

#include "index/formats/office/docx_numbering.h"

namespace callslip {

void OdfLists::add_styles(pugi::xml_node node) {
  for (const pugi::xml_node list : node.children()) {
    const bool outline = is_named(list, "outline-style");
    if (!outline && !is_named(list, "list-style")) continue;
    Style style;
    bool numbered = false;
    for (const pugi::xml_node child : list.children()) {
      const int number = to_int(attribute(child, "level"), 0, 0, levels);
      if (number < 1) continue;
      Level& level = style.level[static_cast<std::size_t>(number - 1)];
      level.bullet = !local_name(child).ends_with("-style-number") &&
                     !local_name(child).ends_with("level-style");
      level.format = attribute(child, "num-format");
      level.prefix = attribute(child, "num-prefix");
      level.suffix = attribute(child, "num-suffix");
      level.shown = to_int(attribute(child, "display-levels"), 1, 1, levels);
      level.start = to_int(attribute(child, "start-value"), 1, 0, 1'000'000);
      numbered = numbered || (!level.bullet && !level.format.empty());
    }
    for (std::size_t i = 0; i < style.count.size(); ++i) style.count[i] = style.level[i].start - 1;
    if (outline) {
      outline_ = style;
      has_outline_ = numbered;
    } else {
      styles_.insert_or_assign(std::string(attribute(list, "name")), style);
    }
  }
}

void OdfLists::begin(std::string_view name, int level, bool continues) {
  const auto found = styles_.find(name);
  if (found == styles_.end() || continues) return;
  Style& style = found->second;
  for (auto i = static_cast<std::size_t>(level); i < style.count.size(); ++i) {
    style.count[i] = style.level[i].start - 1;
  }
}

std::string OdfLists::number(const Level& level, int count) {
  if (level.format.empty()) return {};
  switch (level.format[0]) {
    case 'a':
      return format_number(count, "lowerLetter");
    case 'A':
      return format_number(count, "upperLetter");
    case 'i':
      return format_number(count, "lowerRoman");
    case 'I':
      return format_number(count, "upperRoman");
    default:
      return std::to_string(count);
  }
}

std::string OdfLists::advance(Style& style, int level, int start_value) {
  const auto at = static_cast<std::size_t>(std::clamp(level, 0, levels - 1));
  style.count[at] = start_value >= 0 ? start_value : style.count[at] + 1;
  for (std::size_t i = at + 1; i < style.count.size(); ++i) {
    style.count[i] = style.level[i].start - 1;
  }
  const Level& own = style.level[at];
  if (own.bullet) return "-";
  if (own.format.empty()) return {};
  std::string text;
  const auto shown = static_cast<std::size_t>(own.shown);
  for (std::size_t i = at + 1 - std::min(shown, at + 1); i <= at; ++i) {
    const std::string part = number(style.level[i], std::max(style.count[i], style.level[i].start));
    if (!text.empty() && !part.empty()) text += '.';
    text += part;
  }
  return own.prefix + text + own.suffix;
}

std::string OdfLists::next(std::string_view name, int level, int start_value) {
  const auto found = styles_.find(name);
  return found == styles_.end() ? "-" : advance(found->second, level, start_value);
}

std::string OdfLists::next_heading(int level) {
  return has_outline_ ? advance(outline_, level, -1) : std::string();
}

}  // namespace callslip
