// OpenDocument (ISO/IEC 26300): texts, spreadsheets, presentations.
//
// Left out: page headers and footers, comments, deleted text.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "index/formats/block_writer.h"
#include "index/formats/office/odf_lists.h"
#include "index/formats/office/opc_package.h"
#include "index/formats/office/package_formats.h"
#include "index/formats/office/sheet_grid.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

constexpr int max_repeat = 1000;  // of a row or cell that holds something; more is padding

bool is_left_out(std::string_view name) {
  return name == "tracked-changes" || name == "annotation" || name == "annotation-end" ||
         name == "forms" || name == "sequence-decls" || name == "desc" || name == "notes" ||
         name == "variable-decls" || name == "user-field-decls";
}

class OdfReader {
 public:
  OdfReader(const ZipPackage& zip, std::string& problem)
      : zip_(zip), package_(zip), problem_(problem) {}

  Result<ParsedDocument> read(std::string_view type) {
    if (is_encrypted()) {
      return Error{ErrorKind::unsupported, "encrypted; save it without a password to have it read"};
    }
    const std::string* xml = zip_.find("content.xml");
    if (xml == nullptr) return Error{ErrorKind::unsupported, "damaged: it has no content.xml"};
    const Result<XmlTree> content =
        XmlTree::parse(*xml, "content.xml", XmlSpace::everywhere, &problem_);
    if (!content) return content.error();
    if (const Result<XmlTree> styles = package_.tree("styles.xml")) {
      lists_.add_styles(child_named(styles->root(), "styles"));
      take_styles(child_named(styles->root(), "styles"));
    }
    lists_.add_styles(child_named(content->root(), "automatic-styles"));
    take_styles(child_named(content->root(), "automatic-styles"));
    pugi::xml_node body = child_named(content->root(), "body");
    // OpenOffice.org 1 has nothing in between.
    for (const std::string_view name : {"text", "spreadsheet", "presentation", "drawing"}) {
      if (const pugi::xml_node inner = child_named(body, name)) body = inner;
    }
    if (type == "ods") {
      sheets(body);
    } else if (type == "odp") {
      slides(body);
    } else {
      blocks(body);
    }
    write_notes();
    if (too_large_)
      return Error{ErrorKind::unsupported, "a sheet of more than 10,000,000 cells or 256 MiB"};
    if (title_.empty()) title_ = meta_title();
    if (title_.empty() && type != "ods") title_ = main_.top_heading();
    return main_.finish(type, title_);
  }

 private:
  bool is_encrypted() const {
    const std::string* manifest = zip_.find("META-INF/manifest.xml");
    return manifest != nullptr && manifest->find("encryption-data") != manifest->npos;
  }

  std::string meta_title() const {
    if (zip_.find("meta.xml") == nullptr) return {};
    const Result<XmlTree> meta = package_.tree("meta.xml");
    if (!meta) return {};
    const std::string title = clean_heading(all_text(descend(meta->root(), "meta/title")));
    return is_made_up_title(title) ? std::string() : title;
  }

  void take_styles(pugi::xml_node styles) {
    for (const pugi::xml_node style : styles.children()) {
      if (!is_named(style, "style")) continue;
      const std::string name(attribute(style, "name"));
      if (attribute(child_named(style, "table-properties"), "display") == "false") {
        hidden_.insert(name);
      }
      if (attribute(child_named(style, "text-properties"), "display") == "none") {
        hidden_.insert(name);
      }
      if (name == "Title" || attribute(style, "parent-style-name") == "Title") {
        titles_.insert(name);
      }
    }
  }

  // Texts -------------------------------------------------------------------------------------

  void blocks(pugi::xml_node container) {
    for (const pugi::xml_node node : container.children()) {
      const std::string_view name = local_name(node);
      if (name.empty() || is_left_out(name)) continue;
      if (name == "p") {
        paragraph(node);
      } else if (name == "h") {
        heading(node);
      } else if (name == "list") {
        list(node, 0, {});
        if (in_cell_ == 0) write_notes();
      } else if (name == "table") {
        table(node);
      } else {
        blocks(node);  // section, index-body, frame, text-box, g, custom-shape, ...
      }
    }
  }

  struct Inline {
    std::string text;
    std::vector<pugi::xml_node> frames;
  };

  void paragraph(pugi::xml_node node) {
    Inline content;
    inline_text(node, content);
    const std::string style(attribute(node, "style-name"));
    if (titles_.contains(style) && title_.empty()) title_ = clean_line(content.text);
    out_->paragraph(content.text);
    finish_block(content);
  }

  void heading(pugi::xml_node node) {
    Inline content;
    inline_text(node, content);
    const int level = to_int(attribute(node, "outline-level"), 1, 1, 10);
    const bool is_list_header = attribute(node, "is-list-header") == "true";
    const std::string number =
        is_list_header || clean_line(content.text).empty() ? "" : lists_.next_heading(level - 1);
    const std::string text = number.empty() ? content.text : number + " " + content.text;
    if (in_cell_ > 0) {
      out_->paragraph(text);
    } else {
      out_->heading(level, text);
    }
    finish_block(content);
  }

  void finish_block(const Inline& content) {
    if (in_cell_ == 0) write_notes();
    for (const pugi::xml_node frame : content.frames) blocks(frame);
  }

  void list(pugi::xml_node node, int level, std::string_view outer_style) {
    std::string style(attribute(node, "style-name"));
    if (style.empty()) style = outer_style;
    const bool continues = attribute(node, "continue-numbering") == "true" ||
                           !attribute(node, "continue-list").empty();
    lists_.begin(style, level, continues);
    for (const pugi::xml_node item : node.children()) {
      const bool header = is_named(item, "list-header");
      if (!header && !is_named(item, "list-item")) continue;
      bool first = !header;
      for (const pugi::xml_node block : item.children()) {
        const std::string_view name = local_name(block);
        if (name == "list") {
          list(block, std::min(level + 1, OdfLists::levels - 1), style);
        } else if (name == "h") {
          heading(block);
        } else if (name == "p") {
          Inline content;
          inline_text(block, content);
          const int start = to_int(attribute(item, "start-value"), -1, 0, 1'000'000);
          const std::string marker = first ? lists_.next(style, level, start) : std::string();
          out_->item(static_cast<std::size_t>(level) + (first || header ? 0 : 1), marker,
                     content.text);
          first = false;
          for (const pugi::xml_node frame : content.frames) blocks(frame);
        } else if (name == "table") {
          table(block);
        }
      }
    }
  }

  /// Runs of white space are one space; those that count are elements.
  static void append_collapsed(std::string_view raw, std::string& text) {
    for (const char c : raw) {
      const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
      if (!space) {
        text += c;
      } else if (!text.empty() && text.back() != ' ' && text.back() != '\n') {
        text += ' ';
      }
    }
  }

  void inline_text(pugi::xml_node node, Inline& to) {
    for (const pugi::xml_node child : node.children()) {
      if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
        append_collapsed(child.value(), to.text);
        continue;
      }
      const std::string_view name = local_name(child);
      if (name.empty() || is_left_out(name)) continue;
      if (name == "s") {
        to.text.append(static_cast<std::size_t>(to_int(attribute(child, "c"), 1, 1, 1000)), ' ');
      } else if (name == "tab") {
        to.text += '\t';
      } else if (name == "line-break") {
        to.text += '\n';
      } else if (name == "note") {
        note(child, to.text);
      } else if (name == "ruby") {
        inline_text(child_named(child, "ruby-base"), to);
        to.text += "(" + all_text(child_named(child, "ruby-text")) + ")";
      } else if (name == "frame" || name == "custom-shape" || name == "g" || name == "rect") {
        to.frames.push_back(child);
      } else if (!hidden_.contains(std::string(attribute(child, "style-name"))) || name != "span") {
        inline_text(child, to);
      }
    }
  }

  void note(pugi::xml_node node, std::string& text) {
    const std::string label = clean_line(all_text(child_named(node, "note-citation")));
    text += "[^" + label + "]";
    notes_.push_back("[^" + label + "]: " + text_of(child_named(node, "note-body")));
  }

  void write_notes() {
    for (const std::string& note : std::exchange(notes_, {})) main_.paragraph(note);
  }

  /// The blocks of a cell or note, as text.
  std::string text_of(pugi::xml_node node) {
    ++in_cell_;
    std::string text = written_apart(out_, [&] { blocks(node); });
    --in_cell_;
    return text;
  }

  // Tables ------------------------------------------------------------------------------------

  static void collect_rows(pugi::xml_node node, std::vector<pugi::xml_node>& rows) {
    for (const pugi::xml_node child : node.children()) {
      const std::string_view name = local_name(child);
      if (name == "table-row") {
        rows.push_back(child);
      } else if (name == "table-rows" || name == "table-header-rows" || name == "table-row-group") {
        collect_rows(child, rows);
      }
    }
  }

  static bool is_cell(pugi::xml_node node) {
    return is_named(node, "table-cell") || is_named(node, "covered-table-cell");
  }

  void table(pugi::xml_node node) {
    std::vector<pugi::xml_node> rows;
    collect_rows(node, rows);
    bool one_column = true;
    bool nested = false;
    for (const pugi::xml_node row : rows) {
      int cells = 0;
      for (const pugi::xml_node cell : row.children()) {
        if (!is_cell(cell)) continue;
        ++cells;
        nested = nested || child_named(cell, "table");
      }
      one_column = one_column && cells <= 1;
    }
    if (one_column || nested || in_cell_ > 0) {
      for (const pugi::xml_node row : rows) {
        for (const pugi::xml_node cell : row.children()) {
          if (is_cell(cell)) blocks(cell);
        }
      }
      return;
    }
    MarkdownTable table;
    for (const pugi::xml_node row : rows) {
      table.begin_row();
      for (const pugi::xml_node cell : row.children()) {
        if (!is_cell(cell)) continue;
        const int repeat = to_int(attribute(cell, "number-columns-repeated"), 1, 1, 63);
        const std::string text = text_of(cell);
        for (int i = 0; i < repeat; ++i) table.cell(text);
      }
    }
    out_->table(table);
    if (in_cell_ == 0) write_notes();
  }

  // Spreadsheets ------------------------------------------------------------------------------

  void sheets(pugi::xml_node body) {
    std::uint32_t number = 0;
    for (const pugi::xml_node table : body.children()) {
      if (!is_named(table, "table")) continue;
      const std::string_view name = attribute(table, "name");
      main_.part(PartKind::sheet, ++number, name);
      SheetGrid grid;
      fill(table, grid);
      too_large_ = too_large_ || grid.full();
      grid.write(name, hidden_.contains(std::string(attribute(table, "style-name"))), main_);
      blocks(child_named(table, "shapes"));
    }
  }

  void fill(pugi::xml_node table, SheetGrid& grid) {
    std::vector<pugi::xml_node> rows;
    collect_rows(table, rows);
    std::uint32_t row_number = 0;
    std::vector<pugi::xml_node> frames;
    for (const pugi::xml_node row : rows) {
      const int repeat = to_int(attribute(row, "number-rows-repeated"), 1, 1, 1 << 24);
      std::uint32_t column = 0;
      for (const pugi::xml_node cell : row.children()) {
        if (!is_cell(cell)) continue;
        const int across = to_int(attribute(cell, "number-columns-repeated"), 1, 1, 1 << 20);
        const std::string text = cell_text(cell);
        if (!text.empty()) {
          const std::string_view type = attribute(cell, "value-type");
          const bool is_text = type.empty() || type == "string";
          const std::string_view kept = grid.keep(text);
          const int down = repeat > max_repeat ? 1 : repeat;
          const int wide = across > max_repeat ? 1 : across;
          for (int r = 0; r < down && !grid.full(); ++r) {
            for (int c = 0; c < wide; ++c) {
              grid.add(row_number + static_cast<std::uint32_t>(r),
                       column + static_cast<std::uint32_t>(c), kept, is_text);
            }
          }
        }
        column += static_cast<std::uint32_t>(across);
      }
      row_number += static_cast<std::uint32_t>(repeat);
    }
  }

  std::string cell_text(pugi::xml_node cell) {
    std::string text;
    for (const pugi::xml_node child : cell.children()) {
      if (!is_named(child, "p")) continue;
      Inline content;
      inline_text(child, content);
      if (!text.empty()) text += ' ';
      text += content.text;
    }
    return clean_line(text);
  }

  // Presentations -----------------------------------------------------------------------------

  void slides(pugi::xml_node body) {
    std::uint32_t number = 0;
    for (const pugi::xml_node page : body.children()) {
      if (!is_named(page, "page")) continue;
      main_.part(PartKind::slide, ++number);
      pugi::xml_node title;
      for (const pugi::xml_node frame : page.children()) {
        if (attribute(frame, "class") == "title" && !title) title = frame;
      }
      const std::string text = clean_line(title ? text_of(title) : std::string());
      if (text.empty()) {
        main_.context(1, "Slide " + std::to_string(number));
      } else {
        main_.heading(1, text);
      }
      for (const pugi::xml_node shape : page.children()) {
        const std::string_view name = local_name(shape);
        const std::string_view role = attribute(shape, "class");
        if (name.empty() || is_left_out(name) || (!text.empty() && shape == title)) continue;
        if (role == "page-number" || role == "date-time" || role == "footer") continue;
        main_.gap();
        if (name == "frame" || name == "g" || shape.first_child()) blocks(shape);
      }
      std::string notes;
      for (const pugi::xml_node frame : child_named(page, "notes").children()) {
        const std::string_view role = attribute(frame, "class");
        if (role == "page-number" || role == "date-time" || role == "footer" || role == "header") {
          continue;
        }
        const std::string block = text_of(frame);
        if (!block.empty()) notes += (notes.empty() ? "" : "\n") + block;
      }
      if (!notes.empty()) main_.paragraph("Notes:\n" + notes);
    }
  }

  const ZipPackage& zip_;
  const OpcPackage package_;
  std::string& problem_;
  OdfLists lists_;
  std::set<std::string> hidden_;  // names of styles
  std::set<std::string> titles_;
  BlockWriter main_;
  BlockWriter* out_ = &main_;
  std::vector<std::string> notes_;
  std::string title_;
  int in_cell_ = 0;  // cells and notes around the block
  bool too_large_ = false;
};

}  // namespace

Result<ParsedDocument> read_odf(const ZipPackage& package, std::string_view type,
                                std::string& problem) {
  return OdfReader(package, problem).read(type);
}

}  // namespace callslip
