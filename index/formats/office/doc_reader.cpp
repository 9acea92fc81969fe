// DOC: Word 6 to 2003 (Microsoft, MS-DOC): paragraphs, headings, tables, notes, text boxes. Left
// out: page headers and footers, comments, deleted and hidden text, the numbers of lists.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "index/formats/block_writer.h"
#include "index/formats/office/compound_formats.h"
#include "index/formats/office/doc_properties.h"
#include "index/text/charset.h"

namespace callslip {
namespace {

constexpr std::size_t most_pieces = 1'000'000;

/// A character of the document, where it lies in the file.
struct Unit {
  char16_t value = 0;
  std::uint32_t offset = 0;
};

class DocReader {
 public:
  explicit DocReader(const CompoundFile& file)
      : file_(file), document_(file.read("WordDocument").value_or("")) {}

  Result<ParsedDocument> read() {
    const std::uint16_t version = u16_at(document_, 2);
    const std::uint16_t flags = u16_at(document_, 10);
    if ((flags & 0x0100U) != 0) return encrypted_error();
    if (version < 101) {
      return Error{ErrorKind::unsupported,
                   "Word before version 6 is not read; save it as DOCX to have it read"};
    }
    if (version < 193) return read_old();
    const std::string table = file_.read((flags & 0x0200U) != 0 ? "1Table" : "0Table").value_or("");
    if (!load_pieces(table)) return Error{ErrorKind::unsupported, "damaged Word file"};
    properties_.emplace(document_, table);
    // The text is followed by that of the footnotes, headers, comments, endnotes, text boxes.
    const std::uint64_t text = u32_at(document_, 0x4C);
    const std::uint64_t notes = u32_at(document_, 0x50);
    const std::uint64_t headers = u32_at(document_, 0x54);
    const std::uint64_t comments = std::uint64_t{u32_at(document_, 0x58)} + u32_at(document_, 0x5C);
    const std::uint64_t end_notes = u32_at(document_, 0x60);
    const std::uint64_t boxes = u32_at(document_, 0x64);
    std::uint64_t at = 0;
    write(at, at + text);
    at += text;
    write_notes(at, at + notes);
    at += notes + headers + comments;
    write_notes(at, at + end_notes);
    at += end_notes;
    write(at, at + boxes);
    return finish();
  }

 private:
  struct Piece {
    std::uint64_t first = 0;  // its first character
    std::uint64_t count = 0;
    std::uint32_t offset = 0;
    bool narrow = false;
  };

  Result<ParsedDocument> finish() {
    std::string title = compound_title(file_);
    if (title.empty()) title = out_.top_heading();
    return out_.finish("doc", title);
  }

  /// Word 6 and 95: the text lies in one piece, in the bytes of a code page.
  Result<ParsedDocument> read_old() {
    const std::uint32_t start = u32_at(document_, 0x18);
    const std::uint32_t count = u32_at(document_, 0x34);
    if (start >= document_.size()) return Error{ErrorKind::unsupported, "damaged Word file"};
    pieces_.push_back({0, std::min<std::uint64_t>(count, document_.size() - start), start, true});
    write(0, count);
    return finish();
  }

  bool load_pieces(std::string_view table) {
    const std::size_t start = u32_at(document_, 0x1A2);
    if (start >= table.size()) return false;
    std::string_view list = table.substr(start, u32_at(document_, 0x1A6));
    while (!list.empty() && list[0] == 1) {  // formatting that pieces refer to
      list.remove_prefix(std::min<std::size_t>(std::size_t{3} + u16_at(list, 1), list.size()));
    }
    if (list.size() < 5 || list[0] != 2) return false;
    list = list.substr(5, u32_at(list, 1));
    if (list.size() < 16) return false;
    const std::size_t count = std::min((list.size() - 4) / 12, most_pieces);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t first = u32_at(list, 4 * i);
      const std::uint32_t last = u32_at(list, 4 * (i + 1));
      if (last <= first) continue;
      const std::uint32_t place = u32_at(list, 4 * (count + 1) + 8 * i + 2);
      const bool narrow = (place & 0x40000000U) != 0;
      const std::uint32_t offset = narrow ? (place & 0x3FFFFFFFU) / 2 : place & 0x3FFFFFFFU;
      if (offset >= document_.size()) continue;
      const std::uint64_t fit = (document_.size() - offset) / (narrow ? 1 : 2);
      pieces_.push_back({first, std::min<std::uint64_t>(last - first, fit), offset, narrow});
    }
    return !pieces_.empty();
  }

  /// The characters from `first` to before `last`.
  std::vector<Unit> units(std::uint64_t first, std::uint64_t last) const {
    std::vector<Unit> out;
    for (const Piece& piece : pieces_) {
      const std::uint64_t from = std::max(first, piece.first);
      const std::uint64_t to = std::min(last, piece.first + piece.count);
      // Pieces may overlap in a damaged file: no more text than the file has bytes.
      if (from >= to || out.size() > document_.size()) continue;
      const auto skip = static_cast<std::uint32_t>(from - piece.first);
      const auto count = static_cast<std::size_t>(to - from);
      if (piece.narrow) {
        const std::uint32_t offset = piece.offset + skip;
        const std::u16string text = widened(std::string_view(document_).substr(offset, count));
        for (std::size_t i = 0; i < text.size(); ++i) {
          out.push_back({text[i], static_cast<std::uint32_t>(offset + i)});
        }
        continue;
      }
      for (std::size_t i = 0; i < count; ++i) {
        const auto offset = static_cast<std::uint32_t>(piece.offset + 2 * (skip + i));
        out.push_back({static_cast<char16_t>(u16_at(document_, offset)), offset});
      }
    }
    return out;
  }

  /// Windows-1252, a character a byte.
  static std::u16string widened(std::string_view bytes) {
    static constexpr char16_t high[32] = {
        0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    std::u16string out;
    out.reserve(bytes.size());
    for (const char c : bytes) {
      const auto byte = static_cast<unsigned char>(c);
      out += byte >= 0x80 && byte < 0xA0 ? high[byte - 0x80] : static_cast<char16_t>(byte);
    }
    return out;
  }

  static std::string utf8(const std::u16string& text) {
    std::string bytes;
    for (const char16_t c : text) {
      bytes += static_cast<char>(c & 0xFF);
      bytes += static_cast<char>(c >> 8);
    }
    return utf16_text(bytes);
  }

  void write(std::uint64_t first, std::uint64_t last) {
    std::u16string text;
    for (const Unit& unit : shown(units(first, last))) {
      if (unit.value == 0x0D || unit.value == 0x0C) {
        end_paragraph(std::exchange(text, {}), unit.offset);
      } else if (unit.value == 0x07) {
        end_cell(std::exchange(text, {}), unit.offset);
      } else {
        add(unit.value, text);
      }
    }
    if (!text.empty()) end_paragraph(text, 0);
    end_table();
  }

  void write_notes(std::uint64_t first, std::uint64_t last) {
    std::u16string text;
    const auto end = [&] {
      const std::string note = clean_line(utf8(std::exchange(text, {})));
      if (!note.empty()) out_.paragraph("[^" + std::to_string(++notes_written_) + "]: " + note);
    };
    for (const Unit& unit : shown(units(first, last))) {
      if (unit.value == 0x02) end();
      if (unit.value == 0x0D) text += u'\n';
      if (unit.value != 0x02) add(unit.value, text);
    }
    end();
  }

  /// Without what is hidden, and of fields only what they show.
  std::vector<Unit> shown(const std::vector<Unit>& units) const {
    std::vector<Unit> out;
    std::vector<bool> fields;  // whether a field's result has begun
    std::size_t codes = 0;     // of them, how many have not
    for (const Unit& unit : units) {
      if (unit.value == 0x13) {
        fields.push_back(false);
        ++codes;
      } else if (unit.value == 0x14 && !fields.empty() && !fields.back()) {
        fields.back() = true;
        --codes;
      } else if (unit.value == 0x15 && !fields.empty()) {
        if (!fields.back()) --codes;
        fields.pop_back();
      } else if (codes == 0 && (!properties_ || !properties_->is_hidden(unit.offset))) {
        out.push_back(unit);
      }
    }
    return out;
  }

  void add(char16_t c, std::u16string& text) {
    switch (c) {
      case 0x02: {
        const std::string mark = "[^" + std::to_string(++notes_seen_) + "]";
        text.append(mark.begin(), mark.end());
        break;
      }
      case 0x09:
      case 0x0B:
        text += c == 0x09 ? u'\t' : u'\n';
        break;
      case 0x1E:
        text += u'-';
        break;
      case 0xA0:
        text += u' ';
        break;
      default:
        if (c >= 0x20) text += c;
        break;
    }
  }

  DocProperties::Paragraph properties(std::uint32_t offset) const {
    return properties_ ? properties_->paragraph(offset) : DocProperties::Paragraph();
  }

  void end_paragraph(const std::u16string& text, std::uint32_t offset) {
    const DocProperties::Paragraph paragraph = properties(offset);
    if (paragraph.in_table) {
      cell_ += text + u'\n';
      return;
    }
    end_table();
    int level = paragraph.style >= 1 && paragraph.style <= 9 ? paragraph.style : 0;
    if (paragraph.outline >= 0 && paragraph.outline < 9) level = paragraph.outline + 1;
    if (level > 0) {
      out_.heading(level, utf8(text));
    } else {
      out_.paragraph(utf8(text));
    }
  }

  void end_cell(const std::u16string& text, std::uint32_t offset) {
    // A row ends with a mark of its own; without properties, with an empty cell.
    const bool row = properties_ ? properties(offset).ends_row : text.empty() && cell_.empty();
    if (row) {
      row_open_ = false;
      cell_.clear();
      return;
    }
    if (!row_open_) table_.begin_row();
    row_open_ = true;
    table_.cell(utf8(cell_ + text));
    cell_.clear();
  }

  void end_table() {
    if (table_.rows() == 0) return;
    const std::string* only = table_.only_cell();
    if (only != nullptr) {
      out_.paragraph(*only);
    } else {
      out_.table(table_);
    }
    table_ = {};
    row_open_ = false;
  }

  const CompoundFile& file_;
  std::string document_;
  std::vector<Piece> pieces_;
  std::optional<DocProperties> properties_;
  BlockWriter out_;
  MarkdownTable table_;
  bool row_open_ = false;
  std::u16string cell_;  // paragraphs of the cell before its last
  int notes_seen_ = 0;
  int notes_written_ = 0;
};

}  // namespace

Result<ParsedDocument> read_doc(const CompoundFile& file) { return DocReader(file).read(); }

}  // namespace callslip
