#include <gtest/gtest.h>

#include <string>

#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

string text_of(const string& body) {
  return parse_document("a.rtf", "{\\rtf1\\ansi\\ansicpg1252 " + body + "}").text;
}

TEST(Rtf, ReadsTextHeadingsAndTitle) {
  const ParsedDocument document = parse_document(
      "a.doc",
      "{\\rtf1\\ansi{\\fonttbl{\\f0\\fcharset204 Arial;}}{\\stylesheet{\\s1 heading 1;}"
      "{\\s7\\outlinelevel1 Mine;}}{\\info{\\title My Title}{\\author x}}"
      "\\pard\\s1 First\\par\\pard Some {\\b bold} text.\\par\\pard\\s7 Second\\par\\pard "
      "end\\par}");
  EXPECT_EQ(document.text, "First\n\nSome bold text.\n\nSecond\n\nend\n");
  EXPECT_EQ(outline_of(document), "1 First|2 Second");
  EXPECT_EQ(document.title, "My Title");
  EXPECT_EQ(document.type, "rtf");
}

TEST(Rtf, DecodesCharacters) {
  EXPECT_EQ(text_of("caf\\'e9 \\u8364?\\uc0\\u20013 \\'93x\\'94 \\emdash\\~\\{\\}\\\\"),
            "caf\u00E9 \u20AC\u4E2D\u201Cx\u201D \u2014 {}\\\n");
  EXPECT_EQ(
      parse_document("a.rtf", "{\\rtf1{\\fonttbl{\\f1\\fcharset204 A;}}{\\f1 \\'cf\\'f0}}").text,
      "\u041F\u0440\n");
  EXPECT_EQ(text_of("\\uc2\\u20013\\'d6\\'d0 x"), "\u4E2D x\n");
}

TEST(Rtf, LeavesOutWhatIsNotTheText) {
  EXPECT_EQ(
      text_of("{\\header page}{\\*\\generator Word;}{\\pict\\bin4 }}}}x}a{\\v hidden}{\\deleted "
              "gone}{\\field{\\*\\fldinst HYPERLINK x}{\\fldrslt link}}"),
      "alink\n");
}

TEST(Rtf, WritesTablesAndFootnotes) {
  EXPECT_EQ(text_of("\\trowd\\pard\\intbl A\\cell B\\cell\\row\\trowd\\intbl 1\\cell two\\par lines"
                    "\\cell\\row\\pard after{\\footnote\\chftn  The note.}\\par"),
            "| A | B |\n| --- | --- |\n| 1 | two lines |\n\nafter[^1]\n\n[^1]: The note.\n");
}

TEST(Rtf, WritesItemsWithTheirMarks) {
  // As Word and LibreOffice write lists: the mark is in a group of its own.
  EXPECT_EQ(
      text_of("\\pard\\fi-360\\ls1{\\listtext\\pard\\plain 1.\\tab}one\\par"
              "\\pard\\ilvl1\\fi-360{\\listtext\\pard \\u8226\\'95\\tab}deep\\par\\pard end\\par"),
      "1. one\n  - deep\n\nend\n");
  // As pandoc does: before a tab, in a paragraph whose first line hangs out.
  EXPECT_EQ(text_of("{\\pard \\li360\\fi-360 \\bullet \\tx360\\tab a\\par}{\\pard \\fi-360 "
                    "12)\\tab b\\par}{\\pard not 1.\\tab c\\par}"),
            "- a\n12) b\n\nnot 1.\tc\n");
  EXPECT_EQ(text_of("\\trowd\\pard\\intbl A\\cell{\\listtext\\pard *\\tab}B\\cell\\row"),
            "| A | - B |\n| --- | --- |\n");
}

TEST(Rtf, KeepsNoBreakCharactersInTheirPlace) {
  EXPECT_EQ(text_of("a non\\_breaking and 10\\~km"), "a non-breaking and 10 km\n");
}

TEST(Rtf, IsBoundedInDepth) {
  const Parsed parsed = parse_file("a.rtf", "{\\rtf1 x" + string(100'000, '{'));
  ASSERT_FALSE(parsed.status.ok());
  EXPECT_EQ(parsed.status.error().message, "RTF nested more than 2,000 deep");
}

}  // namespace
}  // namespace callslip
