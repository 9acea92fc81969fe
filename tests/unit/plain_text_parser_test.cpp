#include <gtest/gtest.h>

#include <string>

#include "index/text/utf8.h"
#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

TEST(PlainTextParser, KeepsTheBytesOfUtf8) {
  const string text = "\xEF\xBB\xBFline\r\nzweite Zeile ü\r\n\tthird";
  const ParsedDocument document = parse_document("notes.txt", text);
  EXPECT_EQ(document.text, text);
  EXPECT_EQ(document.type, "text");
  EXPECT_EQ(document.title, "");
  EXPECT_EQ(document.kind, TextKind::prose);
  EXPECT_FALSE(document.extracted);
  EXPECT_FALSE(document.lossy);
}

TEST(PlainTextParser, TakesAnEmptyFile) {
  const ParsedDocument document = parse_document("empty", "");
  EXPECT_EQ(document.text, "");
  EXPECT_EQ(document.type, "text");
  EXPECT_FALSE(document.extracted);
}

TEST(PlainTextParser, SaysWhenTheTextIsConverted) {
  const ParsedDocument document = parse_document("old.txt",
                                                 "caf\xE9 cr\xE8me br\xFBl\xE9"
                                                 "e\n");
  EXPECT_EQ(document.text, "café crème brûlée\n");
  EXPECT_TRUE(document.extracted);
  EXPECT_FALSE(document.lossy);
}

TEST(PlainTextParser, RefusesBinaryFiles) {
  const Parsed parsed = parse_file("a.bin", string("\0\1\2\3", 4));
  ASSERT_FALSE(parsed.status.ok());
  EXPECT_EQ(parsed.status.error().kind, ErrorKind::unsupported);
  EXPECT_EQ(parsed.status.error().message, "binary file");
  EXPECT_TRUE(parsed.documents.empty());
}

TEST(PlainTextParser, FindsExactlyUnderlinedHeadings) {
  const string text =
      "The Manual\n==========\n\nIntroduction\n------------\n\nText.\n\n"
      "Größe\r\n-----\r\n\r\nText.\n\nLast\n====";
  const ParsedDocument document = parse_document("manual.txt", text);
  EXPECT_EQ(outline_of(document), "1 The Manual|2 Introduction|2 Größe|1 Last");
  EXPECT_EQ(document.title, "");
}

TEST(PlainTextParser, IsNotMisledByTablesRulesAndSignatures) {
  for (const char* text :
       {"name\n----\nvalue\n", "text before\nTitle\n=====\n\n", "Too short\n====\n\n",
        "====\n----\n\n", "  indented\n----------\n\n", "\n-----\n\n", "+--+\n----\n\n"}) {
    EXPECT_EQ(outline_of(parse_document("a.txt", text)), "") << text;
  }
}

}  // namespace
}  // namespace callslip
