#include <gtest/gtest.h>

#include <string>

#include "tests/unit/document_zip.h"
#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

string odf(const string& kind, const string& element, const string& body, const string& styles = {},
           ZipParts more = {}) {
  ZipParts parts{{"mimetype", "application/vnd.oasis.opendocument." + kind},
                 {"content.xml",
                  "<office:document-content xmlns:office=\"o\"><office:automatic-styles>" + styles +
                      "</office:automatic-styles><office:body><office:" + element + ">" + body +
                      "</office:" + element + "></office:body></office:document-content>"}};
  parts.insert(parts.end(), more.begin(), more.end());
  return zip_of(parts);
}

TEST(Odt, ReadsHeadingsListsNotesAndWhiteSpace) {
  const string styles =
      "<text:list-style style:name=\"L1\"><text:list-level-style-number text:level=\"1\" "
      "style:num-suffix=\".\" style:num-format=\"1\"/><text:list-level-style-bullet "
      "text:level=\"2\"/></text:list-style>";
  const ParsedDocument document = parse_document(
      "a.odt",
      odf("text", "text",
          "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
          "<text:h text:outline-level=\"1\">Top</text:h>"
          "<text:p>two <text:s text:c=\"2\"/>spaces\n  <text:span>and</text:span> a<text:tab/>tab"
          "<text:line-break/>line<text:note><text:note-citation>1</text:note-citation>"
          "<text:note-body><text:p>Note.</text:p></text:note-body></text:note></text:p>"
          "<text:list text:style-name=\"L1\"><text:list-item><text:p>one</text:p><text:list>"
          "<text:list-item><text:p>sub</text:p></text:list-item></text:list></text:list-item>"
          "<text:list-item><text:p>two</text:p></text:list-item></text:list>"
          "<text:p>a<office:annotation><text:p>remark</text:p></office:annotation>b</text:p>",
          styles,
          {{"meta.xml",
            "<office:document-meta><office:meta><dc:title>The Title</dc:title>"
            "</office:meta></office:document-meta>"}}));
  EXPECT_EQ(document.text,
            "Top\n\ntwo   spaces and a\ttab\nline[^1]\n\n[^1]: Note.\n\n1. one\n  - sub\n2. two\n\n"
            "ab\n");
  EXPECT_EQ(outline_of(document), "1 Top");
  EXPECT_EQ(document.title, "The Title");
  EXPECT_EQ(document.type, "odt");
}

TEST(Odt, WritesTables) {
  EXPECT_EQ(
      parse_document("a.odt",
                     odf("text", "text",
                         "<table:table><table:table-header-rows><table:table-row><table:table-cell>"
                         "<text:p>A</text:p></table:table-cell><table:table-cell><text:p>B</text:p>"
                         "</table:table-cell></table:table-row></table:table-header-rows>"
                         "<table:table-row><table:table-cell><text:p>1</text:p></table:table-cell>"
                         "<table:covered-table-cell/></table:table-row></table:table>"))
          .text,
      "| A | B |\n| --- | --- |\n| 1 | |\n");
}

TEST(Ods, RepeatsNoPadding) {
  const ParsedDocument document = parse_document(
      "a.ods",
      odf("spreadsheet", "spreadsheet",
          "<table:table "
          "table:name=\"Data\"><table:table-row><table:table-cell><text:p>Name</text:p>"
          "</table:table-cell><table:table-cell><text:p>Sum</text:p></table:table-cell>"
          "<table:table-cell table:number-columns-repeated=\"16382\"/></table:table-row>"
          "<table:table-row table:number-rows-repeated=\"2\"><table:table-cell><text:p>x</text:p>"
          "</table:table-cell><table:table-cell office:value-type=\"float\"><text:p>1,5 "
          "\xE2\x82\xAC"
          "</text:p></table:table-cell></table:table-row>"
          "<table:table-row table:number-rows-repeated=\"1048573\"><table:table-cell "
          "table:number-columns-repeated=\"16384\"/></table:table-row>"
          "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell "
          "table:number-columns-repeated=\"16384\"><text:p>y</text:p></table:table-cell>"
          "</table:table-row></table:table>"));
  EXPECT_EQ(document.text, "Data\n\nName\tSum\nx\t1,5 \xE2\x82\xAC\nx\t1,5 \xE2\x82\xAC\n\ny\n");
  EXPECT_EQ(outline_of(document), "1 Data|2 Name | Sum");
  EXPECT_EQ(document.type, "ods");
}

TEST(Odp, MakesEachPageAPart) {
  const ParsedDocument document = parse_document(
      "a.odp",
      odf("presentation", "presentation",
          "<draw:page><draw:frame presentation:class=\"subtitle\"><draw:text-box><text:p>below"
          "</text:p></draw:text-box></draw:frame><draw:frame presentation:class=\"title\">"
          "<draw:text-box><text:p>Title</text:p></draw:text-box></draw:frame><presentation:notes>"
          "<draw:frame><draw:text-box><text:p>Say it.</text:p></draw:text-box></draw:frame>"
          "</presentation:notes></draw:page><draw:page><draw:custom-shape><text:p>shape</text:p>"
          "</draw:custom-shape></draw:page>"));
  EXPECT_EQ(document.text, "Title\n\nbelow\n\nNotes:\nSay it.\n\nshape\n");
  EXPECT_EQ(outline_of(document), "1 Title|1 Slide 2");
  ASSERT_EQ(document.parts.size(), 2U);
  EXPECT_EQ(document.parts[1].byte_start, document.text.find("shape"));
}

TEST(Odf, SaysWhenItIsEncrypted) {
  const Parsed parsed = parse_file(
      "a.odt",
      odf("text", "text", "", "", {{"META-INF/manifest.xml", "<m><m:encryption-data/></m>"}}));
  ASSERT_FALSE(parsed.status.ok());
  EXPECT_EQ(parsed.status.error().message, "encrypted; save it without a password to have it read");
}

}  // namespace
}  // namespace callslip
