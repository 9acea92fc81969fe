#include "index/formats/office/drawing_text.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "index/formats/office/number_format.h"

namespace callslip {
namespace {

constexpr std::size_t max_points = 4096;  // of a series; a sheet holds the rest
constexpr std::size_t max_series = 64;

/// The node itself or the first below it of that name.
pugi::xml_node find_below(pugi::xml_node node, std::string_view name) {
  return node.find_node([&](pugi::xml_node found) { return is_named(found, name); });
}

/// The cached values of c:cat, c:val, c:tx and the like, by their index.
std::vector<std::string> cached_values(pugi::xml_node node) {
  std::vector<std::string> values;
  const auto take = [&](pugi::xml_node cache) {
    const std::string_view code = child_named(cache, "formatCode").text().get();
    const NumberFormat format(code.empty() ? "General" : code);
    const bool numbers = local_name(cache).starts_with("num");
    for (const pugi::xml_node point : cache.children()) {
      if (!is_named(point, "pt")) continue;
      const auto index = static_cast<std::size_t>(
          to_int(attribute(point, "idx"), 0, 0, static_cast<int>(max_points) - 1));
      if (index >= values.size()) values.resize(index + 1);
      std::string& value = values[index];
      if (!value.empty()) value += ' ';  // a level of categories above another
      std::string text = all_text(child_named(point, "v"));
      char* end = nullptr;
      const double number = std::strtod(text.c_str(), &end);
      if (numbers && !text.empty() && *end == '\0') text = format.format(number, false);
      value += text;
    }
  };
  for (const std::string_view name : {"strCache", "numCache", "strLit", "numLit"}) {
    if (const pugi::xml_node cache = find_below(node, name)) {
      take(cache);
      return values;
    }
  }
  if (const pugi::xml_node levels = find_below(node, "multiLvlStrCache")) {
    for (const pugi::xml_node level : levels.children()) take(level);
  }
  return values;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty() && !part.empty()) out += ' ';
    out += part;
  }
  return out;
}

void write_chart(pugi::xml_node chart_space, ChartValues values, BlockWriter& out) {
  const pugi::xml_node chart = child_named(chart_space, "chart");
  const auto title_of = [](pugi::xml_node node) {
    const pugi::xml_node text = descend(node, "title/tx");
    const pugi::xml_node rich = child_named(text, "rich");
    return rich ? drawing_paragraphs(rich) : joined(cached_values(text));
  };
  out.paragraph(title_of(chart));
  std::vector<std::string> categories;
  std::vector<std::vector<std::string>> columns;
  std::vector<std::string> names;
  std::size_t points = 0;
  for (const pugi::xml_node plot : child_named(chart, "plotArea").children()) {
    if (const std::string title = title_of(plot); !title.empty()) out.line(title);  // an axis
    if (values == ChartValues::left_out) continue;
    for (const pugi::xml_node series : plot.children()) {
      if (!is_named(series, "ser") || columns.size() >= max_series) continue;
      const pugi::xml_node x =
          child_named(series, "cat") ? child_named(series, "cat") : child_named(series, "xVal");
      if (categories.empty()) categories = cached_values(x);
      const pugi::xml_node y =
          child_named(series, "val") ? child_named(series, "val") : child_named(series, "yVal");
      names.push_back(joined(cached_values(child_named(series, "tx"))));
      columns.push_back(cached_values(y));
      points = std::max(points, columns.back().size());
    }
  }
  MarkdownTable table;
  table.cell({});
  for (const std::string& name : names) table.cell(name);
  for (std::size_t i = 0; i < std::max(points, categories.size()); ++i) {
    table.begin_row();
    table.cell(i < categories.size() ? std::string_view(categories[i]) : std::string_view());
    for (const auto& column : columns) {
      table.cell(i < column.size() ? std::string_view(column[i]) : std::string_view());
    }
  }
  out.table(table);
}

void write_diagram(pugi::xml_node model, BlockWriter& out) {
  for (const pugi::xml_node point : child_named(model, "ptLst").children()) {
    const std::string_view type = attribute(point, "type");
    if (type == "pres" || type == "parTrans" || type == "sibTrans") continue;
    out.item(0, "-", drawing_paragraphs(child_named(point, "t")));
  }
}

}  // namespace

std::string drawing_paragraphs(pugi::xml_node body) {
  std::string out;
  for (const pugi::xml_node paragraph : body.children()) {
    if (!is_named(paragraph, "p")) continue;
    std::string line;
    for (const pugi::xml_node run : paragraph.children()) {
      if (is_named(run, "br")) {
        line += '\n';
      } else {
        line += all_text(child_named(run, "t"));
      }
    }
    if (!out.empty()) out += '\n';
    out += line;
  }
  return out;
}

void write_drawing(pugi::xml_node node, const OpcPackage& package, const OpcRelations& relations,
                   ChartValues values, BlockWriter& out) {
  if (const pugi::xml_node chart = find_below(node, "chart")) {
    const std::string part = OpcPackage::target_of(relations, prefixed_attribute(chart, "id"));
    const Result<XmlTree> tree = package.tree(part);
    if (!part.empty() && tree) write_chart(tree->root(), values, out);
  }
  if (const pugi::xml_node diagram = find_below(node, "relIds")) {
    const std::string part = OpcPackage::target_of(relations, prefixed_attribute(diagram, "dm"));
    const Result<XmlTree> tree = package.tree(part);
    if (!part.empty() && tree) write_diagram(tree->root(), out);
  }
}

}  // namespace callslip
