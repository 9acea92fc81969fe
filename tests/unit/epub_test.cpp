#include <gtest/gtest.h>

#include <string>

#include "tests/unit/document_zip.h"
#include "tests/unit/parser_test_support.h"

namespace callslip {
namespace {

using std::string;

string epub(ZipParts more = {}) {
  ZipParts parts{
      {"mimetype", "application/epub+zip"},
      {"META-INF/container.xml",
       "<container><rootfiles><rootfile full-path=\"OPS/book.opf\"/></rootfiles></container>"},
      {"OPS/book.opf",
       "<package><metadata><dc:title>A Book</dc:title></metadata><manifest>"
       "<item id=\"nav\" href=\"nav.xhtml\" properties=\"nav\"/>"
       "<item id=\"b\" href=\"text/two%20b.xhtml\"/><item id=\"a\" href=\"text/one.xhtml\"/>"
       "</manifest><spine><itemref idref=\"nav\"/><itemref idref=\"a\"/><itemref idref=\"b\"/>"
       "</spine></package>"},
      {"OPS/nav.xhtml",
       "<html><body><nav><ol><li><a href=\"text/one.xhtml\">I</a></li>"
       "<li><a href=\"text/two%20b.xhtml#x\">The second</a></li></ol></nav></body></html>"},
      {"OPS/text/two b.xhtml", "<html><body><p>No heading here.</p></body></html>"},
      {"OPS/text/one.xhtml", "<html><body><h1>Chapter One</h1><p>It began.</p></body></html>"}};
  parts.insert(parts.end(), more.begin(), more.end());
  return zip_of(parts);
}

TEST(Epub, ReadsTheChaptersInTheOrderOfTheSpine) {
  const ParsedDocument document = parse_document("book.epub", epub());
  EXPECT_EQ(document.text, "Chapter One\n\nIt began.\n\nNo heading here.\n");
  EXPECT_EQ(outline_of(document), "1 Chapter One|1 The second");
  EXPECT_EQ(document.title, "A Book");
  EXPECT_EQ(document.type, "epub");
}

TEST(Epub, SaysWhenItsChaptersAreProtected) {
  const Parsed parsed = parse_file(
      "book.epub",
      epub({{"META-INF/encryption.xml",
             "<encryption><CipherReference URI=\"OPS/text/one.xhtml\"/></encryption>"}}));
  ASSERT_FALSE(parsed.status.ok());
  EXPECT_EQ(parsed.status.error().message, "encrypted; an e-book with rights management");
  EXPECT_EQ(parse_file("book.epub", epub({{"META-INF/encryption.xml",
                                           "<encryption><CipherReference URI=\"OPS/font.otf\"/>"
                                           "</encryption>"}}))
                .documents.size(),
            1U);
}

}  // namespace
}  // namespace callslip
