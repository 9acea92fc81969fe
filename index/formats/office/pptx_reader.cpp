// PPTX (ECMA-376 part 1, PresentationML): slides in the presentation's order, each a part with its
// title as heading; tables, charts, diagrams, speaker's notes.
//
// Shapes are read as they lie on the slide, from top to bottom and from left to right: the order in
// the file is that in which they were drawn. Slide numbers, dates and footers are left out, as they
// repeat; so is what the slide's layout shows.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "index/formats/block_writer.h"
#include "index/formats/office/docx_inline.h"
#include "index/formats/office/docx_numbering.h"
#include "index/formats/office/drawing_text.h"
#include "index/formats/office/office_math.h"
#include "index/formats/office/opc_package.h"
#include "index/formats/office/package_formats.h"
#include "index/formats/office/pptx_places.h"

namespace callslip {
namespace {

/// "arabicPeriod", "romanLcParenBoth", "alphaUcParenR": the number as it is shown.
std::string auto_number(std::string_view type, int number) {
  std::string_view format = "decimal";
  if (type.starts_with("romanLc")) format = "lowerRoman";
  if (type.starts_with("romanUc")) format = "upperRoman";
  if (type.starts_with("alphaLc")) format = "lowerLetter";
  if (type.starts_with("alphaUc")) format = "upperLetter";
  const std::string digits = format_number(number, format);
  if (type.ends_with("ParenBoth")) return "(" + digits + ")";
  if (type.ends_with("ParenR")) return digits + ")";
  if (type.ends_with("Plain")) return digits;
  return digits + ".";
}

/// What a placeholder is for: "title", "body", ...; "none" for a shape that is none.
std::string_view placeholder(pugi::xml_node shape) {
  for (const pugi::xml_node child : shape.children()) {
    if (!local_name(child).starts_with("nv")) continue;
    const pugi::xml_node found = descend(child, "nvPr/ph");
    if (!found) return "none";
    const std::string_view type = attribute(found, "type");
    return type.empty() ? "obj" : type;
  }
  return "none";
}

bool is_title(std::string_view kind) { return kind == "title" || kind == "ctrTitle"; }

bool repeats(std::string_view kind) {
  return kind == "sldNum" || kind == "dt" || kind == "ftr" || kind == "hdr" || kind == "sldImg";
}

std::string paragraph_text(pugi::xml_node paragraph) {
  std::string text;
  for (const pugi::xml_node run : paragraph.children()) {
    const std::string_view name = local_name(run);
    if (name == "r" || name == "fld") {
      text += child_named(run, "t").text().get();
    } else if (name == "br") {
      text += '\n';
    } else if (name == "m" || name == "oMath" || name == "oMathPara") {
      text += linear_math(run);
    } else if (name == "AlternateContent") {
      text += paragraph_text(alternate_content(run));
    }
  }
  return text;
}

std::string body_text(pugi::xml_node body) {
  std::string text;
  for (const pugi::xml_node paragraph : body.children()) {
    if (!is_named(paragraph, "p")) continue;
    if (!text.empty()) text += '\n';
    text += paragraph_text(paragraph);
  }
  return text;
}

class PptxReader {
 public:
  PptxReader(const ZipPackage& zip, std::string& problem) : package_(zip), problem_(problem) {}

  Result<ParsedDocument> read() {
    const std::string main = package_.main_part();
    const Result<XmlTree> presentation = package_.tree(main);
    if (!presentation) return presentation.error();
    const OpcRelations relations = package_.relations(main);
    take_authors(relations);
    std::uint32_t number = 0;
    for (const pugi::xml_node id : child_named(presentation->root(), "sldIdLst").children()) {
      if (!is_named(id, "sldId")) continue;
      ++number;
      const std::string part = OpcPackage::target_of(relations, prefixed_attribute(id, "id"));
      const Result<XmlTree> slide = package_.tree(part, &problem_);
      out_.part(PartKind::slide, number);
      if (slide) {
        write_slide(slide->root(), part, number);
      } else {
        problem_ = "slide " + std::to_string(number) + ": " + slide.error().message;
      }
    }
    const std::string title = package_.title();
    return out_.finish("pptx", title.empty() ? out_.top_heading() : title);
  }

 private:
  void write_slide(pugi::xml_node slide, const std::string& part, std::uint32_t number) {
    relations_ = package_.relations(part);
    const pugi::xml_node shapes = descend(slide, "cSld/spTree");
    titled_ = false;
    write_title(shapes);
    const std::string_view show = attribute(slide, "show");
    const bool hidden = show == "0" || show == "false";
    // Without a title of its own it must not stand under that of the slide before.
    if (!titled_) out_.context(1, "Slide " + std::to_string(number) + (hidden ? " (hidden)" : ""));
    places_ = PptxPlaces(package_, relations_);
    write_shapes(shapes);
    if (const Result<XmlTree> notes =
            package_.tree(OpcPackage::target_of_type(relations_, "notesSlide"))) {
      write_notes(descend(notes->root(), "cSld/spTree"));
    }
    if (const Result<XmlTree> comments =
            package_.tree(OpcPackage::target_of_type(relations_, "comments"))) {
      write_comments(comments->root());
    }
  }

  void write_title(pugi::xml_node shapes) {
    for (const pugi::xml_node shape : shapes.children()) {
      if (is_named(shape, "AlternateContent")) write_title(alternate_content(shape));
      if (!is_named(shape, "sp") || titled_ || !is_title(placeholder(shape))) continue;
      const std::string text = clean_line(body_text(child_named(shape, "txBody")));
      if (text.empty()) continue;
      out_.heading(1, text);
      titled_ = true;
      title_shape_ = shape;
    }
  }

  void write_shapes(pugi::xml_node shapes) {
    for (const pugi::xml_node shape : places_.in_reading_order(shapes)) {
      const std::string_view name = local_name(shape);
      if (name == "sp" || name == "cxnSp") {
        const std::string_view kind = placeholder(shape);
        if (repeats(kind) || (titled_ && shape == title_shape_)) continue;
        out_.gap();
        write_body(child_named(shape, "txBody"), kind == "obj" || kind == "body");
      } else if (name == "grpSp") {
        write_shapes(shape);
      } else if (name == "AlternateContent") {
        write_shapes(alternate_content(shape));
      } else if (name == "graphicFrame") {
        const pugi::xml_node data = descend(shape, "graphic/graphicData");
        if (const pugi::xml_node table = child_named(data, "tbl")) write_table(table);
        write_drawing(data, package_, relations_, ChartValues::as_table, out_);
      }
    }
  }

  /// `bullets`: paragraphs are items unless they say that they are not.
  void write_body(pugi::xml_node body, bool bullets) {
    int counts[10] = {};
    bool several = false;
    for (const pugi::xml_node next : body.children()) {
      if (is_named(next, "p") && next.previous_sibling() &&
          is_named(next.previous_sibling(), "p")) {
        several = true;
      }
    }
    for (const pugi::xml_node paragraph : body.children()) {
      if (!is_named(paragraph, "p")) continue;
      const std::string text = clean_block(paragraph_text(paragraph));
      const pugi::xml_node properties = child_named(paragraph, "pPr");
      const int level = to_int(attribute(properties, "lvl"), 0, 0, 8);
      const pugi::xml_node numbered = child_named(properties, "buAutoNum");
      if (text.empty()) continue;
      const auto depth = static_cast<std::size_t>(level);
      if (numbered) {
        int& count = counts[level];
        const int start = to_int(attribute(numbered, "startAt"), 1, 1, 32767);
        count = count == 0 ? start : count + 1;
        out_.item(depth, auto_number(attribute(numbered, "type"), count), text);
      } else {
        counts[level] = 0;
        const bool item = child_named(properties, "buChar") || child_named(properties, "buBlip") ||
                          (bullets && several && !child_named(properties, "buNone"));
        if (item) {
          out_.item(depth, "-", text);
        } else {
          out_.paragraph(text);
        }
      }
      for (int deeper = level + 1; deeper < 9; ++deeper) counts[deeper] = 0;
    }
  }

  void write_table(pugi::xml_node node) {
    MarkdownTable table;
    for (const pugi::xml_node row : node.children()) {
      if (!is_named(row, "tr")) continue;
      table.begin_row();
      for (const pugi::xml_node cell : row.children()) {
        if (!is_named(cell, "tc")) continue;
        const std::string_view across = attribute(cell, "hMerge");
        const std::string_view down = attribute(cell, "vMerge");
        const bool merged = across == "1" || across == "true" || down == "1" || down == "true";
        table.cell(merged ? std::string() : body_text(child_named(cell, "txBody")));
      }
    }
    out_.table(table);
  }

  void write_notes(pugi::xml_node shapes) {
    std::string text;
    for (const pugi::xml_node shape : shapes.children()) {
      if (!is_named(shape, "sp") || repeats(placeholder(shape))) continue;
      const std::string block = clean_block(body_text(child_named(shape, "txBody")));
      if (!block.empty()) text += (text.empty() ? "" : "\n") + block;
    }
    if (!text.empty()) out_.paragraph("Notes:\n" + text);
  }

  void take_authors(const OpcRelations& relations) {
    for (const std::string_view type : {"commentAuthors", "authors"}) {
      const Result<XmlTree> list = package_.tree(OpcPackage::target_of_type(relations, type));
      if (!list) continue;
      for (const pugi::xml_node author : list->root().children()) {
        authors_.emplace(attribute(author, "id"), attribute(author, "name"));
      }
    }
  }

  void write_comments(pugi::xml_node list) {
    for (const pugi::xml_node comment : list.children()) {
      write_comment(comment);
      for (const pugi::xml_node reply : child_named(comment, "replyLst").children()) {
        write_comment(reply);
      }
    }
  }

  void write_comment(pugi::xml_node comment) {
    const pugi::xml_node body = child_named(comment, "txBody");
    const std::string text = body ? body_text(body) : all_text(child_named(comment, "text"));
    if (clean_line(text).empty()) return;
    const auto author = authors_.find(attribute(comment, "authorId"));
    out_.paragraph("Comment" + (author == authors_.end() ? "" : " (" + author->second + ")") +
                   ": " + text);
  }

  const OpcPackage package_;
  std::string& problem_;
  OpcRelations relations_;  // of the slide
  PptxPlaces places_;       // of its shapes
  std::map<std::string, std::string, std::less<>> authors_;
  BlockWriter out_;
  bool titled_ = false;
  pugi::xml_node title_shape_;
};

}  // namespace

Result<ParsedDocument> read_pptx(const ZipPackage& package, std::string& problem) {
  return PptxReader(package, problem).read();
}

}  // namespace callslip
