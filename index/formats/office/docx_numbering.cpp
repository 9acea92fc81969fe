#include "index/formats/office/docx_numbering.h"

#include <algorithm>
#include <utility>

#include "index/text/utf8.h"

namespace callslip {
DocxNumbering::Level DocxNumbering::read_level(pugi::xml_node node) {
  Level level;
  level.start = to_int(attribute(child_named(node, "start"), "val"), 0, 0, 1'000'000);
  if (const pugi::xml_node format = child_named(node, "numFmt")) {
    level.format = attribute(format, "val");
  }
  level.text = attribute(child_named(node, "lvlText"), "val");
  level.style = attribute(child_named(node, "pStyle"), "val");
  level.restart = to_int(attribute(child_named(node, "lvlRestart"), "val"), -1, 0, levels);
  level.legal = is_on(child_named(node, "isLgl"));
  return level;
}

DocxNumbering::DocxNumbering(pugi::xml_node root) {
  for (const pugi::xml_node node : root.children()) {
    if (is_named(node, "abstractNum")) {
      Abstract abstract;
      abstract.style_link = attribute(child_named(node, "numStyleLink"), "val");
      abstract.style = attribute(child_named(node, "styleLink"), "val");
      for (const pugi::xml_node level : node.children()) {
        const int number = to_int(attribute(level, "ilvl"), -1, -1, levels);
        if (!is_named(level, "lvl") || number < 0 || number >= levels) continue;
        abstract.level[static_cast<std::size_t>(number)] = read_level(level);
      }
      abstracts_.emplace(attribute(node, "abstractNumId"), std::move(abstract));
    } else if (is_named(node, "num")) {
      List list;
      list.start.fill(-1);
      list.abstract = attribute(child_named(node, "abstractNumId"), "val");
      for (const pugi::xml_node change : node.children()) {
        const int number = to_int(attribute(change, "ilvl"), -1, -1, levels);
        if (!is_named(change, "lvlOverride") || number < 0 || number >= levels) continue;
        const auto i = static_cast<std::size_t>(number);
        if (const pugi::xml_node start = child_named(change, "startOverride")) {
          list.start[i] = to_int(attribute(start, "val"), -1, 0, 1'000'000);
        }
        if (const pugi::xml_node level = child_named(change, "lvl")) {
          list.level[i] = read_level(level);
          list.overridden[i] = true;
        }
      }
      lists_.emplace(attribute(node, "numId"), std::move(list));
    }
  }
  for (auto& [id, list] : lists_) {  // by way of a list's style
    const auto abstract = abstracts_.find(list.abstract);
    if (abstract == abstracts_.end() || abstract->second.style_link.empty()) continue;
    for (const auto& [other_id, other] : abstracts_) {
      if (other.style == abstract->second.style_link) list.abstract = other_id;
    }
  }
}

const DocxNumbering::Level& DocxNumbering::level_of(const List& list, const Abstract& abstract,
                                                    int level) const {
  const auto i = static_cast<std::size_t>(level);
  return list.overridden[i] ? list.level[i] : abstract.level[i];
}

int DocxNumbering::level_of_style(std::string_view list, std::string_view style,
                                  int fallback) const {
  const auto found = lists_.find(list);
  if (found == lists_.end() || style.empty()) return fallback;
  const auto abstract = abstracts_.find(found->second.abstract);
  if (abstract == abstracts_.end()) return fallback;
  for (int i = 0; i < levels; ++i) {
    if (level_of(found->second, abstract->second, i).style == style) return i;
  }
  return fallback;
}

DocxNumbering::Marker DocxNumbering::next(std::string_view list_id, int level) {
  const auto found = lists_.find(list_id);
  if (found == lists_.end() || level < 0 || level >= levels) return {};
  List& list = found->second;
  const auto abstract_found = abstracts_.find(list.abstract);
  if (abstract_found == abstracts_.end()) return {};
  Abstract& abstract = abstract_found->second;
  const auto at = static_cast<std::size_t>(level);

  const Level& own = level_of(list, abstract, level);
  if (list.start[at] >= 0) {  // once: the list counts on from there
    abstract.count[at] = list.start[at];
    abstract.running[at] = true;
    list.start[at] = -1;
  } else if (abstract.running[at]) {
    ++abstract.count[at];
  } else {
    abstract.count[at] = own.start;
    abstract.running[at] = true;
  }
  for (std::size_t deeper = at + 1; deeper < levels; ++deeper) {
    const int restart = level_of(list, abstract, static_cast<int>(deeper)).restart;
    if (restart < 0 || (restart > 0 && level < restart)) abstract.running[deeper] = false;
  }

  if (own.format == "bullet") return {"-", true};
  Marker marker;
  for (std::size_t i = 0; i < own.text.size() && marker.text.size() < 64; ++i) {
    const bool place = own.text[i] == '%' && i + 1 < own.text.size() && own.text[i + 1] >= '1' &&
                       own.text[i + 1] <= '9';
    if (!place) {
      marker.text += own.text[i];
      continue;
    }
    const int shown = own.text[++i] - '1';
    const auto s = static_cast<std::size_t>(shown);
    const Level& other = level_of(list, abstract, shown);
    const int count = abstract.running[s] ? abstract.count[s] : other.start;
    marker.text +=
        format_number(count, own.legal && other.format != "none" ? "decimal" : other.format);
  }
  return marker;
}

}  // namespace callslip
