#include "index/formats/office/office_math.h"

#include <string_view>

#include "index/formats/office/xml_tree.h"

namespace callslip {
namespace {

std::string write(pugi::xml_node node);

std::string write_children(pugi::xml_node node) {
  std::string out;
  for (const pugi::xml_node child : node.children()) out += write(child);
  return out;
}

std::string part(pugi::xml_node node, std::string_view name) {
  return write_children(child_named(node, name));
}

/// In brackets unless it is a single symbol, a number or a word.
std::string grouped(const std::string& text) {
  bool simple = true;
  for (const char c : text) {
    const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '.' || static_cast<unsigned char>(c) >= 0x80;
    simple = simple && word;
  }
  return simple ? text : "(" + text + ")";
}

std::string script(std::string_view mark, const std::string& text) {
  return text.empty() ? std::string() : std::string(mark) + grouped(text);
}

std::string property(pugi::xml_node node, std::string_view path, std::string_view fallback) {
  const pugi::xml_node found = descend(node, path);
  return std::string(found ? attribute(found, "val") : fallback);
}

std::string delimited(pugi::xml_node node) {
  std::string out = property(node, "dPr/begChr", "(");
  const std::string separator = property(node, "dPr/sepChr", "|");
  bool first = true;
  for (const pugi::xml_node child : node.children()) {
    if (!is_named(child, "e")) continue;
    if (!first) out += separator;
    first = false;
    out += write_children(child);
  }
  return out + property(node, "dPr/endChr", ")");
}

/// Rows of a matrix or of an array of equations.
std::string rows(pugi::xml_node node, std::string_view row, std::string_view cell) {
  std::string out;
  for (const pugi::xml_node child : node.children()) {
    if (!is_named(child, row)) continue;
    if (!out.empty()) out += "; ";
    if (cell.empty()) {
      out += write_children(child);
      continue;
    }
    std::string line;
    for (const pugi::xml_node element : child.children()) {
      if (!is_named(element, cell)) continue;
      if (!line.empty()) line += ", ";
      line += write_children(element);
    }
    out += line;
  }
  return out;
}

std::string write(pugi::xml_node node) {
  const std::string_view name = local_name(node);
  if (name.empty() || name.ends_with("Pr") || name == "del" || name == "moveFrom") return {};
  if (name == "t") return all_text(node);
  if (name == "f") {
    const bool bar = property(node, "fPr/type", "bar") != "noBar";
    const std::string top = grouped(part(node, "num"));
    const std::string bottom = grouped(part(node, "den"));
    return bar ? top + "/" + bottom : "(" + top + " " + bottom + ")";
  }
  if (name == "sSup") return part(node, "e") + script("^", part(node, "sup"));
  if (name == "sSub") return part(node, "e") + script("_", part(node, "sub"));
  if (name == "sSubSup" || name == "sPre") {
    return part(node, "e") + script("_", part(node, "sub")) + script("^", part(node, "sup"));
  }
  if (name == "rad") {
    const std::string degree = part(node, "deg");
    return (degree.empty() ? "√" : grouped(degree) + "√") + grouped(part(node, "e"));
  }
  if (name == "nary") {
    return property(node, "naryPr/chr", "∫") + script("_", part(node, "sub")) +
           script("^", part(node, "sup")) + " " + part(node, "e");
  }
  if (name == "func") return part(node, "fName") + " " + grouped(part(node, "e"));
  if (name == "limLow") return part(node, "e") + script("_", part(node, "lim"));
  if (name == "limUpp") return part(node, "e") + script("^", part(node, "lim"));
  if (name == "acc") return part(node, "e") + property(node, "accPr/chr", "\xCC\x82");
  if (name == "d") return delimited(node);
  if (name == "m") return "[" + rows(node, "mr", "e") + "]";
  if (name == "eqArr") return rows(node, "e", "");
  return write_children(node);
}

}  // namespace

std::string linear_math(pugi::xml_node math) { return write_children(math); }

}  // namespace callslip
