// Office files up to 2003, Outlook's messages, encrypted ones: what is in OLE2 files.
#include <gtest/gtest.h>

#include <string>

#include "index/formats/office/compound_file.h"
#include "tests/unit/compound_builder.h"
#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

string cell(unsigned row, unsigned column, unsigned format = 0) {
  return le16(row) + le16(column) + le16(format);
}

/// A workbook (BIFF8) of one sheet.
string workbook(const string& globals, const string& sheet) {
  const string bof_book = record(0x809, le16(0x600) + le16(5) + string(12, '\0'));
  const string bof_sheet = record(0x809, le16(0x600) + le16(0x10) + string(12, '\0'));
  const string name("\x04\0Data", 6);
  const std::size_t bound = 4 + 4 + 2 + name.size();
  const auto start = static_cast<std::uint32_t>(bof_book.size() + globals.size() + bound + 4);
  return bof_book + globals + record(0x85, le32(start) + string(2, '\0') + name) +
         record(0x0A, "") + bof_sheet + sheet + record(0x0A, "");
}

TEST(Xls, ReadsCellsAsTheyAreShown) {
  // Two shared strings; the second goes on in another record, in another width.
  const string strings =
      le32(2) + le32(2) + le16(4) + string("\0Name", 5) + le16(6) + string("\0Pri", 4);
  const string globals = record(0xE0, le16(0) + le16(0) + string(16, '\0')) +
                         record(0xE0, le16(0) + le16(14) + string(16, '\0')) +
                         record(0xFC, strings) + record(0x3C, string("\1", 1) + wide("ces"));
  const string sheet =
      record(0xFD, cell(0, 0) + le32(0)) + record(0xFD, cell(0, 1) + le32(1)) +
      record(0x203, cell(1, 0) + le64(2.5)) +
      record(0x27E, cell(1, 1, 1) + le32((45292U << 2) | 2U)) +
      record(0x06, cell(2, 0) + string("\0\0\0\0\0\0\xFF\xFF", 8) + string(8, '\0')) +
      record(0x207, le16(2) + string("\0ok", 3)) +
      record(0xBD, le16(3) + le16(0) + le16(0) + le32((7U << 2) | 2U) + le16(0) +
                       le32((125U << 2) | 3U) + le16(1)) +
      record(0x205, cell(4, 2) + string("\1\0", 2));
  const ParsedDocument document =
      parse_document("a.xls", compound_of({{"Workbook", workbook(globals, sheet)}}));
  EXPECT_EQ(document.text, "Data\n\nName\tPrices\n2.5\t2024-01-01\nok\n7\t1.25\n\t\tTRUE\n");
  EXPECT_EQ(outline_of(document), "1 Data|2 Name | Prices");
  ASSERT_EQ(document.parts.size(), 1U);
  EXPECT_EQ(document.parts[0].name, "Data");
  EXPECT_EQ(document.type, "xls");
}

TEST(Xls, SaysWhenItIsEncrypted) {
  const string bytes = compound_of({{"Workbook", workbook(record(0x2F, le16(1)), "")}});
  EXPECT_EQ(parse_file("a.xls", bytes).status.error().message,
            "encrypted; save it without a password to have it read");
}

TEST(Compound, SaysWhatItIs) {
  const auto refusal = [](const string& stream) {
    return parse_file("a.docx", compound_of({{stream, "x"}})).status.error().message;
  };
  EXPECT_EQ(refusal("EncryptedPackage"), "encrypted; save it without a password to have it read");
  EXPECT_EQ(refusal("VisioDocument"), "drawing (Visio)");
  EXPECT_EQ(refusal("Other"), "OLE file that holds no document");
  EXPECT_EQ(
      parse_file("a.doc", string("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8)).status.error().message,
      "damaged Microsoft Office file");
}

/// A Word file whose text is in one piece; the second half of the pieces is 16 bits wide.
string word(const string& narrow, const string& utf16, std::uint32_t notes) {
  const std::uint32_t text_start = 0x400;
  string document = le16(0xA5EC) + le16(0xC1);
  document.resize(10);
  document += le16(0x0200);
  document.resize(0x4C);
  const auto narrow_count = static_cast<std::uint32_t>(narrow.size());
  const auto wide_count = static_cast<std::uint32_t>(utf16.size() / 2);
  document += le32(narrow_count + wide_count - notes) + le32(notes);
  const string pieces = le32(0) + le32(narrow_count) + le32(narrow_count + wide_count) + le16(0) +
                        le32((2 * text_start) | 0x40000000U) + le16(0) + le16(0) +
                        le32(text_start + narrow_count) + le16(0);
  const string table = string(1, '\2') + le32(static_cast<std::uint32_t>(pieces.size())) + pieces;
  document.resize(0x1A2);
  document += le32(0) + le32(static_cast<std::uint32_t>(table.size()));
  document.resize(text_start);
  document += narrow + utf16;
  return compound_of({{"WordDocument", document}, {"1Table", table}});
}

TEST(Doc, ReadsPiecesFieldsAndNotes) {
  const string narrow = "Caf\xE9 \x93x\x94\r\x13 HYPERLINK \"y\" \x14link\x15 claim\x02.\r";
  const string wide_text = wide("\x0B") + string("\x2D\x4E", 2) + wide("\r\x02 The note.\r");
  const ParsedDocument document = parse_document("a.doc", word(narrow, wide_text, 12));
  EXPECT_EQ(document.text,
            "Caf\u00E9 \u201Cx\u201D\n\nlink claim[^1].\n\n\u4E2D\n\n[^1]: The note.\n");
  EXPECT_EQ(document.type, "doc");
}

string atom(unsigned type, const string& data, unsigned instance = 0, bool container = false) {
  return le16(instance << 4 | (container ? 0xFU : 0U)) + le16(type) +
         le32(static_cast<std::uint32_t>(data.size())) + data;
}

/// A presentation of one slide, of what its shapes and its outline hold.
string presentation(const string& shapes, const string& outline) {
  const string persist = atom(1011, le32(2) + string(8, '\0') + le32(256) + le32(0));
  const string document = atom(1000, atom(4080, persist + outline, 0, true), 0, true);
  const string slide = atom(1006, atom(1036, shapes, 0, true), 0, true);
  const auto slide_at = static_cast<std::uint32_t>(document.size());
  const auto directory_at = static_cast<std::uint32_t>(slide_at + slide.size());
  const string directory = atom(6002, le32(1 | 2U << 20) + le32(0) + le32(slide_at));
  const auto edit_at = static_cast<std::uint32_t>(directory_at + directory.size());
  const string edit = atom(4085, le32(256) + le32(0) + le32(0) + le32(directory_at) + le32(1));
  const string user = string(12, '\0') + le32(0xE391C05F) + le32(edit_at);
  return compound_of(
      {{"Current User", user}, {"PowerPoint Document", document + slide + directory + edit}});
}

TEST(Ppt, ReadsSlidesInOrderWithTitles) {
  const string outline = atom(3999, le32(0)) + atom(4000, wide("Welcome")) + atom(3999, le32(1)) +
                         atom(4008, "first\rsecond");
  const string boxes = atom(0xF00D, atom(3998, le32(1))) + atom(0xF00D, atom(3998, le32(0))) +
                       atom(0xF00D, atom(3999, le32(4)) + atom(4008, "box"));
  const ParsedDocument parsed = parse_document("a.ppt", presentation(boxes, outline));
  EXPECT_EQ(parsed.text, "Welcome\n\nfirst\nsecond\n\nbox\n");
  EXPECT_EQ(outline_of(parsed), "1 Welcome");
  ASSERT_EQ(parsed.parts.size(), 1U);
  EXPECT_EQ(parsed.parts[0].kind, PartKind::slide);
}

TEST(Ppt, ReadsATableByWhereItsCellsLie) {
  const auto shape = [](std::uint32_t left, std::uint32_t top, std::uint32_t right,
                        std::uint32_t bottom, const string& text) {
    const string anchor = atom(0xF00F, le32(left) + le32(top) + le32(right) + le32(bottom));
    const string box =
        text.empty() ? string() : atom(0xF00D, atom(3999, le32(4)) + atom(4008, text));
    return atom(0xF004, anchor + box, 0, true);
  };
  const auto group = [&](std::uint32_t properties) {
    const string first = atom(0xF004, atom(0xF122, le16(0x039F) + le32(properties), 1), 0, true);
    return atom(0xF003,
                first + shape(0, 10, 5, 20, "c") + shape(5, 0, 9, 10, "b") +
                    shape(0, 0, 5, 10, "a\rA") + shape(9, 0, 12, 10, "x") +
                    shape(5, 10, 12, 20, "wide") + shape(0, 10, 12, 10, ""),
                0, true);
  };
  EXPECT_EQ(parse_document("a.ppt", presentation(group(1), "")).text,
            "| a A | b | x |\n| --- | --- | --- |\n| c | wide | |\n");
  EXPECT_EQ(parse_document("a.ppt", presentation(group(0), "")).text,
            "c\n\nb\n\na\nA\n\nx\n\nwide\n");
}

TEST(CompoundFile, SurvivesEveryTruncationAndFlippedByte) {
  const string bytes = word("Some text.\r", wide("more\r"), 0);
  std::size_t read = 0;
  for (std::size_t size = 0; size < bytes.size(); size += 97) {
    read += parse_file("a.doc", bytes.substr(0, size)).documents.size();
  }
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0xFF);
    read += parse_file("a.doc", flipped).documents.size();
  }
  EXPECT_GT(read, 0U);
}

}  // namespace
}  // namespace callslip
