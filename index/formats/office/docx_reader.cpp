// DOCX (ECMA-376 part 1, WordprocessingML): paragraphs, headings, lists, tables, notes, text boxes.
//
// Page headers and footers are left out, as they repeat, unless there is nothing else; so are
// comments and deleted text.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "index/formats/block_writer.h"
#include "index/formats/html_parser.h"
#include "index/formats/office/docx_inline.h"
#include "index/formats/office/docx_numbering.h"
#include "index/formats/office/docx_styles.h"
#include "index/formats/office/drawing_text.h"
#include "index/formats/office/opc_package.h"
#include "index/formats/office/package_formats.h"

namespace callslip {
namespace {

/// What a block's container says about its children: these only wrap.
bool is_wrapper(std::string_view name) {
  return name == "sdt" || name == "sdtContent" || name == "customXml" || name == "smartTag" ||
         name == "ins" || name == "moveTo" || name == "Choice" || name == "Fallback";
}

class DocxReader {
 public:
  DocxReader(const ZipPackage& zip, std::string& problem)
      : zip_(zip), package_(zip), problem_(problem) {}

  Result<ParsedDocument> read() {
    const std::string main = package_.main_part();
    const Result<XmlTree> document = package_.tree(main, &problem_);
    if (!document) return document.error();
    relations_ = package_.relations(main);
    load_styles();
    const std::optional<XmlTree> footnotes = load_notes("footnotes", footnotes_);
    const std::optional<XmlTree> endnotes = load_notes("endnotes", endnotes_);
    blocks(child_named(document->root(), "body"));
    write_notes(waiting_);
    write_notes(waiting_ends_);
    if (main_.empty()) write_headers();
    if (title_.empty()) title_ = package_.title();
    if (title_.empty()) title_ = main_.top_heading();
    return main_.finish("docx", title_);
  }

 private:
  using Notes = std::map<std::string, pugi::xml_node, std::less<>>;
  struct WaitingNote {
    std::string label;
    pugi::xml_node node;
  };

  void load_styles() {
    if (const Result<XmlTree> styles =
            package_.tree(OpcPackage::target_of_type(relations_, "styles"))) {
      styles_ = DocxStyles(styles->root());
    }
    if (const Result<XmlTree> numbering =
            package_.tree(OpcPackage::target_of_type(relations_, "numbering"))) {
      numbering_ = DocxNumbering(numbering->root());
    }
  }

  std::optional<XmlTree> load_notes(std::string_view type, Notes& notes) {
    Result<XmlTree> tree = package_.tree(OpcPackage::target_of_type(relations_, type));
    if (!tree) return std::nullopt;
    for (const pugi::xml_node note : tree->root().children()) {
      const std::string_view kind = attribute(note, "type");  // separators have one
      if (kind.empty() || kind == "normal") notes.emplace(attribute(note, "id"), note);
    }
    return std::move(tree).value();
  }

  /// A document of nothing but page headers and footers.
  void write_headers() {
    for (const std::string_view type : {"header", "footer"}) {
      for (const auto& [id, relation] : relations_) {
        if (relation.type != type) continue;
        if (const Result<XmlTree> tree = package_.tree(relation.target)) blocks(tree->root());
      }
    }
  }

  void blocks(pugi::xml_node container) {
    for (const pugi::xml_node node : container.children()) {
      const std::string_view name = local_name(node);
      if (name == "p") {
        paragraph(node);
      } else if (name == "tbl") {
        table(node);
      } else if (name == "AlternateContent") {
        blocks(alternate_content(node));
      } else if (name == "altChunk") {
        embedded(node);
      } else if (is_wrapper(name)) {
        blocks(node);
      }
    }
  }

  void paragraph(pugi::xml_node node) {
    const pugi::xml_node properties = child_named(node, "pPr");
    if (child_named(descend(properties, "rPr"), "del") && !child_named(node, "r")) return;
    const std::string_view style_id = attribute(child_named(properties, "pStyle"), "val");
    const DocxParagraphStyle& style = styles_.paragraph(style_id);
    DocxInline content(styles_);
    if (!style.hidden) content.read(node);
    int outline = style.outline;
    if (const pugi::xml_node level = child_named(properties, "outlineLvl")) {
      const int direct = to_int(attribute(level, "val"), 9, 0, 9);
      outline = direct < 9 ? direct + 1 : 0;
    }
    const DocxNumbering::Marker marker = list_marker(properties, style, style_id);
    const bool item = outline == 0 && !marker.text.empty();
    if (!item) flush_notes();
    const std::string text = with_note_marks(content);
    const bool blank = clean_block(text).empty();
    if (style.title && title_.empty()) title_ = clean_line(text);
    if (outline > 0 && !blank && in_cell_ == 0) {
      out_->heading(outline,
                    marker.bullet || marker.text.empty() ? text : marker.text + " " + text);
    } else if (!marker.text.empty()) {
      out_->item(static_cast<std::size_t>(level_), marker.text, text);
    } else if (!blank) {
      out_->paragraph(text);
    }
    if (!item) flush_notes();
    for (const pugi::xml_node box : content.boxes) blocks(box);
    for (const pugi::xml_node drawing : content.drawings) {
      write_drawing(drawing, package_, relations_, ChartValues::as_table, *out_);
    }
  }

  /// Counts the paragraph in its list. Sets level_.
  DocxNumbering::Marker list_marker(pugi::xml_node properties, const DocxParagraphStyle& style,
                                    std::string_view style_id) {
    const pugi::xml_node direct = child_named(properties, "numPr");
    std::string list(attribute(child_named(direct, "numId"), "val"));
    level_ = style.list_level;
    if (list.empty()) {
      list = style.list;
      level_ = numbering_.level_of_style(list, style_id, level_);
    }
    if (const pugi::xml_node level = child_named(direct, "ilvl")) {
      level_ = to_int(attribute(level, "val"), 0, 0, DocxNumbering::levels - 1);
    }
    if (list.empty() || list == "0") return {};
    return numbering_.next(list, level_);
  }

  /// The paragraph's text with "[^1]" where a note is; the notes wait to be written.
  std::string with_note_marks(DocxInline& content) {
    std::string text = std::move(content.text);
    std::size_t shift = 0;
    for (const DocxInline::Note& note : content.notes) {
      const bool at_end = is_named(note.reference, "endnoteReference");
      const Notes& notes = at_end ? endnotes_ : footnotes_;
      const auto found = notes.find(attribute(note.reference, "id"));
      if (found == notes.end()) continue;
      int& count = at_end ? endnote_count_ : footnote_count_;
      const std::string label = format_number(++count, at_end ? "lowerRoman" : "decimal");
      const std::string mark = "[^" + label + "]";
      text.insert(note.offset + shift, mark);
      shift += mark.size();
      (at_end ? waiting_ends_ : waiting_).push_back({label, found->second});
    }
    return text;
  }

  /// Footnotes stand behind the block that refers to them; a list or table is not torn apart.
  void flush_notes() {
    if (in_cell_ == 0 && !in_note_) write_notes(waiting_);
  }

  void write_notes(std::vector<WaitingNote>& waiting) {
    in_note_ = true;
    for (std::size_t i = 0; i < waiting.size(); ++i) {  // a note may hold another
      const WaitingNote note = waiting[i];
      main_.paragraph("[^" + note.label + "]: " + text_of(note.node));
    }
    waiting.clear();
    in_note_ = false;
  }

  /// The blocks of a cell or note, as text.
  std::string text_of(pugi::xml_node node) {
    ++in_cell_;
    std::string text = written_apart(out_, [&] { blocks(node); });
    --in_cell_;
    return text;
  }

  struct Row {
    std::vector<pugi::xml_node> cells;
    int before = 0;
  };

  static void collect(pugi::xml_node node, std::string_view wanted,
                      std::vector<pugi::xml_node>& to) {
    for (const pugi::xml_node child : node.children()) {
      const std::string_view name = local_name(child);
      if (name == wanted) {
        to.push_back(child);
      } else if (is_wrapper(name)) {
        collect(child, wanted, to);
      }
    }
  }

  void table(pugi::xml_node node) {
    std::vector<pugi::xml_node> row_nodes;
    collect(node, "tr", row_nodes);
    std::vector<Row> rows;
    bool one_column = true;
    bool nested = false;
    for (const pugi::xml_node row : row_nodes) {
      if (child_named(child_named(row, "trPr"), "del")) continue;
      rows.emplace_back();
      collect(row, "tc", rows.back().cells);
      rows.back().before = to_int(attribute(descend(row, "trPr/gridBefore"), "val"), 0, 0, 63);
      one_column = one_column && rows.back().cells.size() <= 1;
      for (const pugi::xml_node cell : rows.back().cells) {
        nested = nested || child_named(cell, "tbl");
      }
    }
    // A box, or a table that arranges a page rather than data: its cells are read one by one.
    if (one_column || nested || in_cell_ > 0) {
      for (const Row& row : rows) {
        for (const pugi::xml_node cell : row.cells) {
          if (!is_continued(cell)) blocks(cell);
        }
      }
      return;
    }
    MarkdownTable table;
    for (const Row& row : rows) {
      table.begin_row();
      if (row.before > 0) table.cell({}, row.before);
      for (const pugi::xml_node cell : row.cells) {
        const int span = to_int(attribute(descend(cell, "tcPr/gridSpan"), "val"), 1, 1, 63);
        table.cell(is_continued(cell) ? std::string() : text_of(cell), span);
      }
    }
    out_->table(table);
    flush_notes();
  }

  /// Whether the cell continues the one above it.
  static bool is_continued(pugi::xml_node cell) {
    const pugi::xml_node merge = descend(cell, "tcPr/vMerge");
    return merge && attribute(merge, "val") != "restart";
  }

  /// Another document that is to be merged in when the file is opened.
  void embedded(pugi::xml_node node) {
    const std::string part = OpcPackage::target_of(relations_, prefixed_attribute(node, "id"));
    const std::string* bytes = zip_.find(part);
    if (bytes == nullptr || (!part.ends_with("html") && !part.ends_with("htm"))) return;
    if (const Result<ParsedDocument> html = read_html(*bytes, part)) out_->append(*html, 0);
  }

  const ZipPackage& zip_;
  const OpcPackage package_;
  std::string& problem_;
  OpcRelations relations_;
  DocxStyles styles_;
  DocxNumbering numbering_;
  Notes footnotes_;
  Notes endnotes_;
  std::vector<WaitingNote> waiting_;
  std::vector<WaitingNote> waiting_ends_;
  int footnote_count_ = 0;
  int endnote_count_ = 0;
  BlockWriter main_;
  BlockWriter* out_ = &main_;
  std::string title_;
  int level_ = 0;    // of the list item that list_marker counted
  int in_cell_ = 0;  // cells and notes around the block
  bool in_note_ = false;
};

}  // namespace

Result<ParsedDocument> read_docx(const ZipPackage& package, std::string& problem) {
  return DocxReader(package, problem).read();
}

}  // namespace callslip
