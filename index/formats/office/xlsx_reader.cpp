// XLSX (ECMA-376 part 1, SpreadsheetML): sheets in the workbook's order, each a part with its name
// as heading; values as they are displayed; behind the sheet's cells its text boxes, the titles of
// its charts and the comments on its cells.
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "index/formats/block_writer.h"
#include "index/formats/office/drawing_text.h"
#include "index/formats/office/number_format.h"
#include "index/formats/office/opc_package.h"
#include "index/formats/office/package_formats.h"
#include "index/formats/office/sheet_grid.h"
#include "index/formats/office/sheet_number.h"
#include "index/formats/office/xml_events.h"
#include "index/formats/text_document.h"

namespace callslip {
namespace {

/// xl/sharedStrings.xml: what is in <si>, phonetic guides left out.
class SharedStrings final : public XmlHandler {
 public:
  std::vector<std::string> strings;

  void on_start(std::string_view name, const XmlAttributes&) override {
    if (name == "si") strings.emplace_back();
    if (name == "rPh") ++phonetic_;
    in_text_ = name == "t" && phonetic_ == 0;
  }
  void on_end(std::string_view name) override {
    if (name == "rPh") --phonetic_;
    in_text_ = false;
  }
  void on_text(std::string_view text) override {
    if (in_text_ && !strings.empty()) strings.back() += text;
  }

 private:
  int phonetic_ = 0;
  bool in_text_ = false;
};

/// What the cells' styles show numbers as (xl/styles.xml).
class CellFormats {
 public:
  explicit CellFormats(pugi::xml_node root = {}) {
    std::map<int, std::string> codes;
    for (const pugi::xml_node node : child_named(root, "numFmts").children()) {
      codes.emplace(to_int(attribute(node, "numFmtId"), -1, 0, 1'000'000),
                    attribute(node, "formatCode"));
    }
    for (const pugi::xml_node node : child_named(root, "cellXfs").children()) {
      if (!is_named(node, "xf")) continue;
      const int id = to_int(attribute(node, "numFmtId"), 0, 0, 1'000'000);
      if (!formats_.contains(id)) {
        const auto code = codes.find(id);
        const std::string_view own = code == codes.end() ? std::string_view() : code->second;
        formats_.emplace(id, NumberFormat(own.empty() ? builtin_number_format(id) : own));
      }
      styles_.push_back(&formats_.at(id));
    }
  }
  CellFormats(const CellFormats&) = delete;
  CellFormats& operator=(const CellFormats&) = delete;

  /// Null for a style that there is not.
  const NumberFormat* of(std::string_view style) const {
    std::size_t number = 0;
    std::from_chars(style.data(), style.data() + style.size(), number);
    return number < styles_.size() ? styles_[number] : nullptr;
  }

 private:
  std::map<int, NumberFormat> formats_;
  std::vector<const NumberFormat*> styles_;
};

class SheetHandler final : public XmlHandler {
 public:
  SheetHandler(const std::vector<std::string>& strings, const CellFormats& formats, bool from_1904,
               SheetGrid& grid)
      : strings_(strings), formats_(formats), from_1904_(from_1904), grid_(grid) {}

  void on_start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "row") {
      std::uint32_t number = 0;
      const std::string_view r = attributes.get("r");
      std::from_chars(r.data(), r.data() + r.size(), number);
      row_ = number > 0 ? number - 1 : next_row_;
      next_row_ = row_ + 1;
      next_column_ = 0;
    } else if (name == "c") {
      const std::string_view reference = attributes.get("r");
      std::uint32_t row = row_;
      column_ = next_column_;
      if (parse_cell_reference(reference, row, column_)) row_ = row;
      next_column_ = column_ + 1;
      type_ = attributes.get("t");
      format_ = formats_.of(attributes.get("s"));
      value_.clear();
      formula_.clear();
      in_cell_ = true;
    } else if (name == "rPh") {
      ++phonetic_;
    }
    target_ = nullptr;
    if (in_cell_ && (name == "v" || (name == "t" && phonetic_ == 0))) target_ = &value_;
    if (in_cell_ && name == "f") target_ = &formula_;
  }

  void on_end(std::string_view name) override {
    target_ = nullptr;
    if (name == "rPh") --phonetic_;
    if (name != "c") return;
    in_cell_ = false;
    finish_cell();
  }

  void on_text(std::string_view text) override {
    if (target_ != nullptr) target_->append(text);
  }

  bool wants_stop() const override { return grid_.full(); }

 private:
  void finish_cell() {
    if (value_.empty()) {
      // A program wrote the formula and nobody has calculated it yet.
      if (!formula_.empty()) keep("=" + formula_, true);
      return;
    }
    if (type_ == "s") {
      std::size_t index = 0;
      std::from_chars(value_.data(), value_.data() + value_.size(), index);
      if (index < strings_.size()) grid_.add(row_, column_, strings_[index], true);
    } else if (type_ == "b") {
      grid_.add(row_, column_, value_ == "0" ? "FALSE" : "TRUE", false);
    } else if (type_ == "str" || type_ == "inlineStr") {
      keep(value_, true);
    } else if (type_ == "e" || type_ == "d") {
      keep(value_, false);
    } else {
      double number = 0;
      const std::string_view digits = trimmed(value_);
      const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
      if (parsed.ec != std::errc()) {
        keep(value_, true);
      } else {
        keep(format_ == nullptr ? general_number(number) : format_->format(number, from_1904_),
             false);
      }
    }
  }

  void keep(std::string_view text, bool is_text) {
    grid_.add(row_, column_, grid_.keep(text), is_text);
  }

  const std::vector<std::string>& strings_;
  const CellFormats& formats_;
  const bool from_1904_;
  SheetGrid& grid_;
  std::uint32_t row_ = 0, next_row_ = 0, column_ = 0, next_column_ = 0;
  bool in_cell_ = false;
  int phonetic_ = 0;
  std::string type_, value_, formula_;
  const NumberFormat* format_ = nullptr;
  std::string* target_ = nullptr;
};

class XlsxReader {
 public:
  XlsxReader(const ZipPackage& zip, std::string& problem)
      : zip_(zip), package_(zip), problem_(problem) {}

  Result<ParsedDocument> read() {
    const std::string main = package_.main_part();
    const Result<XmlTree> workbook = package_.tree(main);
    if (!workbook) return workbook.error();
    const OpcRelations relations = package_.relations(main);
    const std::string_view epoch = attribute(descend(workbook->root(), "workbookPr"), "date1904");
    from_1904_ = epoch == "1" || epoch == "true";
    const Result<XmlTree> styles = package_.tree(OpcPackage::target_of_type(relations, "styles"));
    const CellFormats formats(styles ? styles->root() : pugi::xml_node());
    SharedStrings shared;
    const std::string strings = OpcPackage::target_of_type(relations, "sharedStrings");
    if (const std::string* part = zip_.find(strings)) {
      if (Status s = read_xml_events(*part, strings, shared); !s) problem_ = s.error().message;
    }
    take_persons(relations);
    std::uint32_t number = 0;
    for (const pugi::xml_node sheet : child_named(workbook->root(), "sheets").children()) {
      if (!is_named(sheet, "sheet")) continue;
      ++number;
      const std::string part = OpcPackage::target_of(relations, prefixed_attribute(sheet, "id"));
      if (Status s = write_sheet(sheet, part, number, shared.strings, formats); !s) {
        return s.error();
      }
    }
    return out_.finish("xlsx", package_.title());
  }

 private:
  Status write_sheet(pugi::xml_node sheet, const std::string& part, std::uint32_t number,
                     const std::vector<std::string>& strings, const CellFormats& formats) {
    const std::string_view name = attribute(sheet, "name");
    const std::string_view state = attribute(sheet, "state");
    out_.part(PartKind::sheet, number, name);
    SheetGrid grid;
    const std::string* xml = zip_.find(part);
    if (xml != nullptr) {
      SheetHandler handler(strings, formats, from_1904_, grid);
      if (Status s = read_xml_events(*xml, part, handler); !s) problem_ = s.error().message;
      if (handler.wants_stop()) {
        return Error{ErrorKind::unsupported,
                     "sheet '" + std::string(name) + "' has more than 10,000,000 cells or 256 MiB"};
      }
    }
    grid.write(name, state == "hidden" || state == "veryHidden", out_);
    if (xml == nullptr) return {};
    write_drawings(part);
    write_comments(package_.relations(part));
    return {};
  }

  void write_drawings(const std::string& sheet) {
    const std::string part = OpcPackage::target_of_type(package_.relations(sheet), "drawing");
    if (zip_.find(part) == nullptr) return;
    const Result<XmlTree> drawing = package_.tree(part);
    if (!drawing) return;
    const OpcRelations relations = package_.relations(part);
    for (const pugi::xml_node anchor : drawing->root().children()) {
      write_shapes(anchor, relations);
    }
  }

  void write_comments(const OpcRelations& relations) {
    const Result<XmlTree> notes = package_.tree(OpcPackage::target_of_type(relations, "comments"));
    if (notes) {
      std::vector<std::string> authors;
      for (const pugi::xml_node author : child_named(notes->root(), "authors").children()) {
        authors.push_back(all_text(author));
      }
      for (const pugi::xml_node note : child_named(notes->root(), "commentList").children()) {
        const auto number =
            static_cast<std::size_t>(to_int(attribute(note, "authorId"), 0, 0, 1'000'000));
        const std::string author = number < authors.size() ? authors[number] : std::string();
        if (author.starts_with("tc=")) continue;  // stands for a thread
        write_comment(attribute(note, "ref"), author, all_text(child_named(note, "text")));
      }
    }
    const Result<XmlTree> threads =
        package_.tree(OpcPackage::target_of_type(relations, "threadedComment"));
    if (!threads) return;
    for (const pugi::xml_node comment : threads->root().children()) {
      const auto person = persons_.find(attribute(comment, "personId"));
      write_comment(attribute(comment, "ref"), person == persons_.end() ? "" : person->second,
                    all_text(child_named(comment, "text")));
    }
  }

  void write_comment(std::string_view cell, const std::string& author, const std::string& text) {
    if (clean_line(text).empty()) return;
    out_.paragraph("Comment on " + std::string(cell) + (author.empty() ? "" : " (" + author + ")") +
                   ": " + text);
  }

  void take_persons(const OpcRelations& relations) {
    const Result<XmlTree> list = package_.tree(OpcPackage::target_of_type(relations, "person"));
    if (!list) return;
    for (const pugi::xml_node person : list->root().children()) {
      persons_.emplace(attribute(person, "id"), attribute(person, "displayName"));
    }
  }

  void write_shapes(pugi::xml_node parent, const OpcRelations& relations) {
    for (const pugi::xml_node shape : parent.children()) {
      const std::string_view name = local_name(shape);
      if (name == "sp") {
        out_.paragraph(drawing_paragraphs(child_named(shape, "txBody")));
      } else if (name == "grpSp" || name == "AlternateContent" || name == "Choice") {
        write_shapes(shape, relations);
      } else if (name == "graphicFrame") {
        write_drawing(shape, package_, relations, ChartValues::left_out, out_);
      }
    }
  }

  const ZipPackage& zip_;
  const OpcPackage package_;
  std::string& problem_;
  bool from_1904_ = false;
  std::map<std::string, std::string, std::less<>> persons_;  // names by id
  BlockWriter out_;
};

}  // namespace

Result<ParsedDocument> read_xlsx(const ZipPackage& package, std::string& problem) {
  return XlsxReader(package, problem).read();
}

}  // namespace callslip
