// XLS: workbooks of Excel 5 to 2003 (Microsoft, MS-XLS; BIFF5 and BIFF8). Written like XLSX.
//
// Read without a library: Debian's libfreexl opens files by name only, and a parser has bytes.
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "index/formats/block_writer.h"
#include "index/formats/office/compound_formats.h"
#include "index/formats/office/number_format.h"
#include "index/formats/office/sheet_grid.h"
#include "index/formats/office/xls_records.h"
#include "index/text/charset.h"
#include "index/text/utf8.h"

namespace callslip {
namespace {

enum Record : std::uint16_t {
  kFormula = 0x06,
  kEof = 0x0A,
  kDate1904 = 0x22,
  kFilePass = 0x2F,
  kContinue = 0x3C,
  kCodePage = 0x42,
  kBoundSheet = 0x85,
  kMulRk = 0xBD,
  kRString = 0xD6,
  kXf = 0xE0,
  kSst = 0xFC,
  kLabelSst = 0xFD,
  kText = 0x1B6,
  kNumber = 0x203,
  kLabel = 0x204,
  kBoolErr = 0x205,
  kString = 0x207,
  kRk = 0x27E,
  kFormat = 0x41E,
  kBof = 0x809,
};

double number_at(std::string_view data, std::size_t at) {
  double value = 0;
  if (at + 8 <= data.size()) std::memcpy(&value, data.data() + at, 8);
  return value;
}

double rk_number(std::uint32_t rk) {
  double value = 0;
  if ((rk & 2U) != 0) {
    value = static_cast<std::int32_t>(rk) >> 2;
  } else {
    const std::uint64_t bits = static_cast<std::uint64_t>(rk & ~3U) << 32;
    std::memcpy(&value, &bits, 8);
  }
  return (rk & 1U) != 0 ? value / 100 : value;
}

std::string_view error_text(unsigned code) {
  switch (code) {
    case 0x00:
      return "#NULL!";
    case 0x07:
      return "#DIV/0!";
    case 0x0F:
      return "#VALUE!";
    case 0x17:
      return "#REF!";
    case 0x1D:
      return "#NAME?";
    case 0x24:
      return "#NUM!";
    default:
      return "#N/A";
  }
}

class XlsReader {
 public:
  explicit XlsReader(const CompoundFile& file)
      : file_(file), stream_(file.read("Workbook").value_or("")) {
    if (stream_.empty()) stream_ = file.read("Book").value_or("");
  }

  Result<ParsedDocument> read() {
    if (Status s = read_globals(); !s) return s.error();
    std::uint32_t number = 0;
    for (const Sheet& sheet : sheets_) {
      out_.part(PartKind::sheet, ++number, sheet.name);
      SheetGrid grid;
      read_sheet(sheet, grid);
      if (grid.full()) {
        return Error{ErrorKind::unsupported,
                     "sheet '" + sheet.name + "' has more than 10,000,000 cells or 256 MiB"};
      }
      grid.write(sheet.name, sheet.hidden, out_);
      for (const std::string& text : texts_) out_.paragraph(text);
    }
    return out_.finish("xls", compound_title(file_));
  }

 private:
  struct Sheet {
    std::size_t offset = 0;
    std::string name;
    bool hidden = false;
  };

  std::string narrow(std::string_view bytes) const {
    const std::optional<Conversion> text = convert_to_utf8(bytes, charset_);
    return text ? text->text : make_valid_utf8(std::string(bytes)).text;
  }

  /// A string with a length of 1 or 2 bytes; in BIFF8 a byte of flags follows.
  std::string string_at(std::string_view data, std::size_t at, std::size_t length_bytes) const {
    if (at >= data.size()) return {};
    const std::size_t count =
        length_bytes == 1 ? static_cast<unsigned char>(data[at]) : u16_at(data, at);
    at += length_bytes;
    if (at > data.size()) return {};
    if (!unicode_) return narrow(data.substr(at, count));
    XlsText text({data.substr(at)});
    const std::uint8_t flags = text.u8();
    if ((flags & 8U) != 0) text.skip(2);
    if ((flags & 4U) != 0) text.skip(4);
    return text.characters(count, (flags & 1U) != 0);
  }

  Status read_globals() {
    XlsRecords records(stream_, 0);
    XlsRecord record;
    if (!records.next(record) || (record.type & 0xFFU) != 0x09) {
      return Error{ErrorKind::unsupported, "damaged Excel file"};
    }
    if (record.type != kBof) {
      return Error{ErrorKind::unsupported,
                   "Excel before version 5 is not read; save it as XLSX to have it read"};
    }
    unicode_ = u16_at(record.data, 0) >= 0x0600;
    while (records.next(record) && record.type != kEof) {
      switch (record.type) {
        case kFilePass:
          return encrypted_error();
        case kDate1904:
          from_1904_ = u16_at(record.data, 0) != 0;
          break;
        case kCodePage:
          set_code_page(u16_at(record.data, 0));
          break;
        case kFormat:
          codes_[u16_at(record.data, 0)] = string_at(record.data, 2, unicode_ ? 2 : 1);
          break;
        case kXf:
          xf_.push_back(u16_at(record.data, 2));
          break;
        case kBoundSheet:
          add_sheet(record.data);
          break;
        case kSst:
          read_strings(record.data, records);
          break;
        default:
          break;
      }
    }
    return {};
  }

  void set_code_page(unsigned page) {
    if (page == 10000 || page == 32768) {
      charset_ = "macintosh";
    } else if (page == 932) {
      charset_ = "shift_jis";
    } else if (page == 936) {
      charset_ = "gbk";
    } else if (page == 950) {
      charset_ = "big5";
    } else if (page == 437 || page == 850 || page == 852 || page == 866) {
      charset_ = "cp" + std::to_string(page);
    } else if (page >= 874 && page <= 1361) {
      charset_ = "windows-" + std::to_string(page);
    }
  }

  void add_sheet(std::string_view data) {
    if (data.size() < 8) return;
    const unsigned kind = static_cast<unsigned char>(data[5]);
    if (kind != 0 && kind != 2) return;  // macros have no cells to read
    sheets_.push_back({u32_at(data, 0), string_at(data, 6, 1), (data[4] & 3) != 0});
  }

  void read_strings(std::string_view first, XlsRecords& records) {
    std::vector<std::string_view> pieces{first};
    XlsRecord record;
    while (records.next_type() == kContinue && records.next(record)) pieces.push_back(record.data);
    XlsText text(std::move(pieces));
    text.u32();
    const std::uint32_t count = text.u32();
    for (std::uint32_t i = 0; i < count && !text.at_end(); ++i) {
      strings_.push_back(text.rich_string());
    }
  }

  const NumberFormat& format(std::uint16_t xf) {
    const int id = xf < xf_.size() ? xf_[xf] : 0;
    const auto known = formats_.find(id);
    if (known != formats_.end()) return known->second;
    const auto code = codes_.find(id);
    const std::string_view own = code == codes_.end() ? std::string_view() : code->second;
    return formats_.emplace(id, NumberFormat(own.empty() ? builtin_number_format(id) : own))
        .first->second;
  }

  void read_sheet(const Sheet& sheet, SheetGrid& grid) {
    texts_.clear();
    XlsRecords records(stream_, sheet.offset);
    XlsRecord record;
    int depth = 0;  // charts are in sheets
    std::uint16_t row = 0;
    std::uint16_t column = 0;
    bool awaits_string = false;
    while (!grid.full() && records.next(record)) {
      if (record.type == kBof) ++depth;
      if (record.type == kEof && --depth <= 0) return;
      if (depth != 1) continue;
      const std::string_view data = record.data;
      if (record.type == kText) {
        text_box(data, records);
        continue;
      }
      if (record.type == kString) {
        if (awaits_string) keep(grid, row, column, string_at(data, 0, 2), true);
        awaits_string = false;
        continue;
      }
      if (data.size() < 6) continue;
      row = u16_at(data, 0);
      column = u16_at(data, 2);
      const std::uint16_t xf = u16_at(data, 4);
      switch (record.type) {
        case kLabelSst: {
          const std::uint32_t index = u32_at(data, 6);
          if (index < strings_.size()) grid.add(row, column, strings_[index], true);
          break;
        }
        case kLabel:
        case kRString:
          keep(grid, row, column, string_at(data, 6, 2), true);
          break;
        case kNumber:
          number(grid, row, column, xf, number_at(data, 6));
          break;
        case kRk:
          number(grid, row, column, xf, rk_number(u32_at(data, 6)));
          break;
        case kMulRk:
          for (std::size_t at = 4; at + 6 <= data.size() - 2; at += 6) {
            number(grid, row, column++, u16_at(data, at), rk_number(u32_at(data, at + 2)));
          }
          break;
        case kBoolErr:
          if (data.size() >= 8) logical(grid, row, column, data[6], data[7] != 0);
          break;
        case kFormula:
          awaits_string = formula(grid, row, column, xf, data);
          break;
        default:
          break;
      }
    }
  }

  void keep(SheetGrid& grid, std::uint16_t row, std::uint16_t column, std::string_view text,
            bool is_text) {
    grid.add(row, column, grid.keep(text), is_text);
  }

  void number(SheetGrid& grid, std::uint16_t row, std::uint16_t column, std::uint16_t xf,
              double value) {
    keep(grid, row, column, format(xf).format(value, from_1904_), false);
  }

  void logical(SheetGrid& grid, std::uint16_t row, std::uint16_t column, char value, bool error) {
    const std::string_view text = error        ? error_text(static_cast<unsigned char>(value))
                                  : value != 0 ? "TRUE"
                                               : "FALSE";
    grid.add(row, column, text, false);
  }

  /// Whether the result is text, which comes in a record of its own.
  bool formula(SheetGrid& grid, std::uint16_t row, std::uint16_t column, std::uint16_t xf,
               std::string_view data) {
    if (data.size() < 14) return false;
    if (u16_at(data, 12) != 0xFFFF) {
      number(grid, row, column, xf, number_at(data, 6));
      return false;
    }
    if (data[6] == 1 || data[6] == 2) logical(grid, row, column, data[8], data[6] == 2);
    return data[6] == 0;
  }

  void text_box(std::string_view data, XlsRecords& records) {
    const std::size_t count = u16_at(data, 10);
    XlsRecord record;
    if (count == 0 || records.next_type() != kContinue || !records.next(record)) return;
    std::vector<std::string_view> pieces{record.data};
    while (records.next_type() == kContinue && pieces.size() < 64 && records.next(record)) {
      pieces.push_back(record.data);
    }
    XlsText text(std::move(pieces));
    const bool wide = (text.u8() & 1U) != 0;
    texts_.push_back(text.characters(count, wide));
  }

  const CompoundFile& file_;
  std::string stream_;
  bool unicode_ = true;  // BIFF8
  bool from_1904_ = false;
  std::string charset_ = "windows-1252";
  std::vector<std::string> strings_;
  std::vector<Sheet> sheets_;
  std::vector<std::uint16_t> xf_;
  std::map<int, std::string> codes_;
  std::map<int, NumberFormat> formats_;
  std::vector<std::string> texts_;  // of the sheet's text boxes
  BlockWriter out_;
};

}  // namespace

Result<ParsedDocument> read_xls(const CompoundFile& file) { return XlsReader(file).read(); }

}  // namespace callslip
