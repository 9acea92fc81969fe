#include "index/formats/office/docx_inline.h"

#include <charconv>

#include "index/formats/office/office_math.h"
#include "index/formats/office/symbol_font.h"
#include "index/formats/office/xml_tree.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

bool is_left_out(std::string_view name) {
  return name == "del" || name == "moveFrom" || name == "pPr" || name == "rPr" || name == "sdtPr" ||
         name == "instrText" || name == "delText" || name == "delInstrText";
}

/// A check box or drop-down list of an old form.
std::string form_field(pugi::xml_node data) {
  if (const pugi::xml_node box = child_named(data, "checkBox")) {
    const pugi::xml_node state =
        child_named(box, "checked") ? child_named(box, "checked") : child_named(box, "default");
    return is_on(state) ? "\u2612" : "\u2610";
  }
  if (const pugi::xml_node list = child_named(data, "ddList")) {
    int wanted = to_int(attribute(child_named(list, "result"), "val"), 0, 0, 1000);
    for (const pugi::xml_node entry : list.children()) {
      if (is_named(entry, "listEntry") && wanted-- == 0) {
        return std::string(attribute(entry, "val"));
      }
    }
  }
  return {};
}

std::string symbol(pugi::xml_node node) {
  const std::string_view code = attribute(node, "char");
  unsigned value = 0;
  std::from_chars(code.data(), code.data() + code.size(), value, 16);
  std::string out;
  append_utf8(out, symbol_character(attribute(node, "font"), value));
  return out;
}

}  // namespace

pugi::xml_node alternate_content(pugi::xml_node node) {
  for (const pugi::xml_node child : node.children()) {
    if (is_named(child, "Choice") && child.first_child()) return child;
  }
  return child_named(node, "Fallback");
}

void DocxInline::read(pugi::xml_node node) {
  for (const pugi::xml_node child : node.children()) {
    const std::string_view name = local_name(child);
    if (name.empty() || is_left_out(name)) continue;
    if (name == "r") {
      run(child);
    } else if (name == "oMath" || name == "oMathPara") {
      text += linear_math(child);
    } else if (name == "AlternateContent") {
      read(alternate_content(child));
    } else if (name == "ruby") {
      piece(child);
    } else {
      read(child);  // hyperlink, ins, moveTo, smartTag, sdt, sdtContent, fldSimple, customXml, ...
    }
  }
}

void DocxInline::run(pugi::xml_node node) {
  const pugi::xml_node properties = child_named(node, "rPr");
  const pugi::xml_node vanish = child_named(properties, "vanish");
  const std::string_view style = attribute(child_named(properties, "rStyle"), "val");
  if (vanish ? is_on(vanish) : !style.empty() && styles_.hides(style)) return;
  for (const pugi::xml_node child : node.children()) piece(child);
}

void DocxInline::piece(pugi::xml_node node) {
  const std::string_view name = local_name(node);
  if (name.empty() || is_left_out(name)) return;
  if (name == "t") {
    text += node.text().get();
  } else if (name == "tab" || name == "ptab") {
    text += '\t';
  } else if (name == "br" || name == "cr") {
    text += '\n';
  } else if (name == "noBreakHyphen") {
    text += '-';
  } else if (name == "sym") {
    text += symbol(node);
  } else if (name == "footnoteReference" || name == "endnoteReference") {
    notes.push_back({node, text.size()});
  } else if (name == "drawing" || name == "pict" || name == "object") {
    drawing(node);
  } else if (name == "AlternateContent") {
    for (const pugi::xml_node child : alternate_content(node).children()) piece(child);
  } else if (name == "ruby") {
    read(child_named(node, "rubyBase"));
    text += '(';
    read(child_named(node, "rt"));
    text += ')';
  } else if (name == "fldChar") {
    text += form_field(child_named(node, "ffData"));
  } else if (name == "r") {
    run(node);
  }
}

void DocxInline::drawing(pugi::xml_node node) {
  // Boxes in boxes are found when their box is read.
  bool graphic = false;
  for (pugi::xml_node at = node; at;) {
    const std::string_view name = local_name(at);
    const bool box = name == "txbxContent";
    pugi::xml_node down = at.first_child();
    if (box) {
      boxes.push_back(at);
      down = {};
    } else if (name == "AlternateContent" && at != node) {
      drawing(alternate_content(at));
      down = {};
    } else if (name == "chart" || name == "relIds") {
      graphic = true;
    } else if (name == "textpath") {  // WordArt
      if (!text.empty() && text.back() != '\n') text += '\n';
      text += attribute(at, "string");
    }
    if (down) {
      at = down;
      continue;
    }
    while (at && at != node && !at.next_sibling()) at = at.parent();
    if (!at || at == node) break;
    at = at.next_sibling();
  }
  if (graphic) drawings.push_back(node);
}

}  // namespace callslip
