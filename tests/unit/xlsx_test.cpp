#include <gtest/gtest.h>

#include <string>

#include "tests/unit/document_zip.h"
#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

struct SheetXml {
  string name, state, rows;
};

string xlsx(const std::vector<SheetXml>& sheets, ZipParts more = {}) {
  string list;
  std::vector<Relation> relations{{"s", "sharedStrings", "sharedStrings.xml"},
                                  {"f", "styles", "styles.xml"}};
  ZipParts parts{{"_rels/.rels", relations_xml({{"r", "officeDocument", "xl/workbook.xml"}})}};
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    const string id = "rId" + std::to_string(i);
    list += "<sheet name=\"" + sheets[i].name + "\" state=\"" + sheets[i].state + "\" r:id=\"" +
            id + "\"/>";
    relations.push_back({id, "worksheet", "worksheets/" + id + ".xml"});
    parts.emplace_back("xl/worksheets/" + id + ".xml", "<x:worksheet xmlns:x=\"x\"><x:sheetData>" +
                                                           sheets[i].rows +
                                                           "</x:sheetData></x:worksheet>");
  }
  parts.emplace_back("xl/_rels/workbook.xml.rels", relations_xml(relations));
  parts.emplace_back("xl/workbook.xml", "<workbook><sheets>" + list + "</sheets></workbook>");
  parts.emplace_back(
      "xl/styles.xml",
      "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"0.0\\ %\"/></numFmts>"
      "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/>"
      "<xf numFmtId=\"4\"/></cellXfs></styleSheet>");
  parts.insert(parts.end(), more.begin(), more.end());
  return zip_of(parts);
}

string cell(const string& reference, const string& value, const string& attributes = {}) {
  return "<x:c r=\"" + reference + "\" " + attributes + "><x:v>" + value + "</x:v></x:c>";
}

string text(const string& reference, const string& value) {
  return "<x:c r=\"" + reference + "\" t=\"inlineStr\"><x:is><x:t>" + value + "</x:t></x:is></x:c>";
}

string row(const string& cells) { return "<x:row>" + cells + "</x:row>"; }

TEST(Xlsx, MakesEachSheetAPartAndItsColumnsAHeading) {
  const ParsedDocument document = parse_document(
      "book.xlsx",
      xlsx({{"Prices", "visible",
             row(text("A1", "Item") + text("B1", "Price")) +
                 row(cell("A2", "0", "t=\"s\"") + cell("B2", "1234.5", "s=\"3\""))},
            {"Notes", "hidden", row(text("C7", "only"))}},
           {{"xl/sharedStrings.xml",
             "<sst><si><r><t>Tea </t></r><r><t>pot</t></r><rPh><t>x</t></rPh></si></sst>"}}));
  EXPECT_EQ(document.text, "Prices\n\nItem\tPrice\nTea pot\t1,234.50\n\nNotes (hidden)\n\nonly\n");
  EXPECT_EQ(outline_of(document), "1 Prices|2 Item | Price|1 Notes (hidden)");
  ASSERT_EQ(document.parts.size(), 2U);
  EXPECT_EQ(document.parts[1].name, "Notes");
  EXPECT_EQ(document.parts[1].kind, PartKind::sheet);
  EXPECT_EQ(document.type, "xlsx");
  EXPECT_EQ(document.title, "");
}

TEST(Xlsx, ShowsValuesAsTheSheetDoes) {
  const ParsedDocument document = parse_document(
      "a.xlsx", xlsx({{"S", "",
                       row(cell("A1", "45292", "s=\"1\"") + cell("B1", "0.256", "s=\"2\"") +
                           cell("C1", "1", "t=\"b\"") + cell("D1", "#N/A", "t=\"e\"") +
                           cell("E1", "0.30000000000000004") + cell("F1", "9780306406157")) +
                           row("<x:c r=\"A2\"><x:f>SUM(A1:A1)</x:f></x:c>" +
                               cell("B2", "x", "t=\"str\""))}}));
  EXPECT_EQ(document.text,
            "S\n\n2024-01-01\t25.6 %\tTRUE\t#N/A\t0.3\t9780306406157\n=SUM(A1:A1)\tx\n");
}

TEST(Xlsx, CostsNothingForCellsThatAreFarApart) {
  const ParsedDocument document =
      parse_document("a.xlsx", xlsx({{"S", "",
                                      row(cell("A1", "1") + cell("XFD1", "2")) +
                                          row(cell("A1048576", "3") + cell("B1048576", "4"))}}));
  EXPECT_EQ(document.text, "S\n\n1\t\t2\n\n3\t4\n");
  string diagonal;
  for (int i = 1; i <= 300; ++i) {
    string column(1, static_cast<char>('A' + i % 26));
    if (i >= 26) column.insert(0, 1, static_cast<char>('A' + i / 26 - 1));
    diagonal += row(cell(column + std::to_string(i), "7"));
  }
  const string text = parse_document("a.xlsx", xlsx({{"S", "", diagonal}})).text;
  EXPECT_LT(text.size(), 300U * 80);
  EXPECT_NE(text.find("KO300: 7\n"), string::npos);
}

TEST(Xlsx, KeepsTheOtherSheetsOfADamagedOne) {
  const Parsed parsed =
      parse_file("a.xlsx", xlsx({{"Bad", "", row(cell("A1", "1")) + "<x:row><oops>"},
                                 {"Good", "", row(cell("A1", "2"))}}));
  ASSERT_EQ(parsed.documents.size(), 1U);
  EXPECT_EQ(parsed.documents[0].text, "Bad\n\n1\n\nGood\n\n2\n");
  ASSERT_FALSE(parsed.status.ok());
  EXPECT_NE(parsed.status.error().message.find("damaged XML (line 1 of xl/worksheets/rid0.xml"),
            string::npos);
}

TEST(Xlsx, RefusesEntitiesOfItsOwn) {
  const Parsed parsed = parse_file(
      "a.xlsx", xlsx({{"S", "", row(cell("A1", "0", "t=\"s\""))}},
                     {{"xl/sharedStrings.xml",
                       "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>"
                       "<sst><si><t>&b;</t></si></sst>"}}));
  ASSERT_FALSE(parsed.status.ok());
  EXPECT_NE(parsed.status.error().message.find("it declares entities"), string::npos);
}

}  // namespace
}  // namespace callslip
